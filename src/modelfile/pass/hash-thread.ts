// The thread that hashes: see hasher.ts. It takes the blocks of a file in the ring as they are filled.
import {createHash} from 'node:crypto'
import {parentPort, workerData} from 'node:worker_threads'
import {FILLED, SLOT_BYTES, slotOf, TAKEN, type Shared} from './slots.ts'

const {ring, slots, fileBytes, control} = workerData as Shared
const hash = createHash('sha256')
parentPort!.postMessage('ready')
for (let block = 0; block * SLOT_BYTES < fileBytes; block++) {
  while (Atomics.load(control, FILLED) <= block) Atomics.wait(control, FILLED, block)
  const at = slotOf(block, slots)
  hash.update(ring.subarray(at, at + Math.min(SLOT_BYTES, fileBytes - block * SLOT_BYTES)))
  Atomics.store(control, TAKEN, block + 1)
  Atomics.notify(control, TAKEN)
}
parentPort!.postMessage(hash.digest('hex'))
