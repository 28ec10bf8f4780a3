import {readdir} from 'node:fs/promises'
import {basename, join} from 'node:path'
import type {DataFiles, DataSplit} from './data-files.ts'
import {badData} from './data-files.ts'
import {readBytes} from './read-bytes.ts'
import {concatImages} from './take-images.ts'

const SIDE = 32
const PLANE = SIDE * SIDE
const RECORD = 1 + 3 * PLANE

/** What the official binary batches are called. */
export const cifarBatch = /^(data_batch_\d|test_batch)\.bin$/

const classNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck']

/** CIFAR-10's binary version: the folder of its batches, or one of them. Throws E_DATA. */
export async function readCifar(path: string, isFolder: boolean): Promise<DataFiles> {
  const files = isFolder
    ? (await readdir(path)).filter((name) => cifarBatch.test(name)).sort()
    : [basename(path)]
  const read = async (name: string) => {
    const file = isFolder ? join(path, name) : path
    return parseCifarBatch(await readBytes(file), file)
  }
  const tests = isFolder ? files.filter((name) => name.startsWith('test')) : []
  const trains = files.filter((name) => !tests.includes(name))
  const test = tests[0] === undefined ? undefined : await read(tests[0])
  const train = trains.length > 0 ? joined(await Promise.all(trains.map(read))) : test!
  return {format: 'cifar-10', classNames, train, ...(test && trains.length > 0 ? {test} : {})}
}

type Labelled = Required<DataSplit>

/** Records of a label and three planes (red, green, blue) of 32x32 bytes. */
function parseCifarBatch(bytes: Uint8Array, name: string): Labelled {
  const count = bytes.length / RECORD
  if (!Number.isInteger(count) || count === 0)
    throw badData(
      name,
      `is ${bytes.length} bytes long, which is no number of records of ${RECORD}`,
      'Is the file whole, and of the binary version of CIFAR-10?',
    )
  const labels = new Int32Array(count)
  const data = new Uint8Array(count * 3 * PLANE)
  for (let i = 0; i < count; i++) {
    const record = bytes.subarray(i * RECORD, (i + 1) * RECORD)
    labels[i] = record[0]!
    if (record[0]! >= classNames.length)
      throw badData(
        name,
        `gives image ${i} the label ${record[0]}`,
        "CIFAR-10's labels go from 0 to 9; other datasets of this form are not read.",
      )
    for (let p = 0; p < PLANE; p++)
      for (let k = 0; k < 3; k++) data[(i * PLANE + p) * 3 + k] = record[1 + k * PLANE + p]!
  }
  return {images: {count, height: SIDE, width: SIDE, channels: 3, data}, labels}
}

function joined(batches: readonly Labelled[]): Labelled {
  const labels = new Int32Array(batches.reduce((count, batch) => count + batch.labels.length, 0))
  let offset = 0
  for (const batch of batches) {
    labels.set(batch.labels, offset)
    offset += batch.labels.length
  }
  const [first, ...rest] = batches.map((batch) => batch.images)
  return {images: concatImages(first!, ...rest), labels}
}
