import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {AbdError} from '@abd/core'
import {isDangerous, readModelFile} from '@abd/core/modelfile'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {call, dictOf, op, orderedDict, osSystem, pickle, storage, tensor, tupleOf} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {scratch} from './scratch.ts'

const {write} = scratch()
const RUNS = Number(process.env['ABD_FUZZ_RUNS'] ?? 1500)

const checkpoint = pickle(
  dictOf({
    state_dict: op.raw(
      orderedDict,
      op.put(1),
      op.mark,
      op.text('w'),
      tensor({count: 4, size: [2, 2], stride: [2, 1]}),
      op.text('h'),
      tensor({type: 'HalfStorage', key: '1', count: 4, offset: 1, size: [3], stride: [1]}),
      op.setItems,
      dictOf({_metadata: op.get(1)}),
      op.build,
    ),
    args: op.raw(
      op.global('argparse', 'Namespace'),
      op.emptyTuple,
      op.newobj,
      dictOf({lr: op.float(0.1)}),
      op.build,
    ),
    arch: op.raw(op.global('models.wrn', 'WideResNet'), op.emptyTuple, op.newobj),
    best: call('numpy', 'dtype', op.text('f8')),
    inner: call('torch.storage', '_load_from_bytes', op.bytes(pickle(tupleOf(op.none, op.true)))),
  }),
)
const entries = torchEntries(checkpoint, {0: floats(1, 2, 3, 4), 1: new Uint8Array(8)})
const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex')

const seeds: Readonly<Record<string, Uint8Array>> = {
  safetensors: readFileSync(
    fileURLToPath(new URL('../../fixtures/modelfile/official.safetensors', import.meta.url)),
  ),
  'pytorch-zip': zip(entries),
  'pytorch-zip, compressed': zip(entries.map((entry) => ({...entry, deflate: true}))),
  'pytorch-legacy': Buffer.concat([
    magic,
    pickle(op.int(1001)),
    pickle(dictOf({})),
    pickle(storage('FloatStorage', '0', 1)),
    pickle(op.emptyList),
  ]),
  pickle: pickle(
    dictOf({
      a: osSystem,
      b: call('my.module', 'f', op.text('x')),
      c: op.raw(op.mark, op.none, op.inst('my.models', 'Net')),
    }),
  ),
}

/** What is written over, put in, taken out or repeated, at a place that is a share of the length. */
const mutation = fc.record({
  kind: fc.constantFrom('byte', 'word', 'insert', 'remove', 'repeat', 'cut'),
  place: fc.double({min: 0, max: 1, noNaN: true}),
  byte: fc.oneof(
    fc.integer({min: 0, max: 255}),
    fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, ...Buffer.from('(.0RbcioqhtQs}')),
  ),
  word: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0xff),
  length: fc.integer({min: 1, max: 64}),
})
type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never

function mutate(bytes: Buffer, {kind, place, byte, word, length}: Mutation): Buffer {
  const at = Math.floor(place * Math.max(0, bytes.length - 1))
  const before = bytes.subarray(0, at)
  const after = (from: number) => bytes.subarray(Math.min(bytes.length, from))
  switch (kind) {
    case 'byte':
      return Buffer.concat([before, Buffer.of(byte), after(at + 1)])
    case 'word': {
      const four = Buffer.alloc(4)
      four.writeUInt32LE(word)
      return Buffer.concat([before, four, after(at + 4)])
    }
    case 'insert':
      return Buffer.concat([before, Buffer.alloc(length, byte), after(at)])
    case 'remove':
      return Buffer.concat([before, after(at + length)])
    case 'repeat':
      return Buffer.concat([before, bytes.subarray(at, at + length), after(at)])
    default:
      return place < 0.05 ? bytes : before
  }
}

describe('damaged and forged files', () => {
  it.each(Object.entries(seeds))('give a model or an AbdError, nothing else: %s', async (name, seed) => {
    const outcomes = {model: 0, error: 0}
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, {minLength: 1, maxLength: 4}), async (mutations) => {
        const bytes = mutations.reduce(mutate, Buffer.from(seed))
        const path = await write(name === 'safetensors' ? 'fuzzed.safetensors' : 'fuzzed.pt', bytes)
        try {
          const {stateDict, scan} = await readModelFile(path)
          expect(stateDict.size > 0 || isDangerous(scan) || name === 'safetensors').toBe(true)
          for (const {shape, data} of stateDict.values())
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1))
          outcomes.model++
        } catch (error) {
          if (!(error instanceof AbdError)) throw error
          expect(error.hints.length).toBeGreaterThan(0)
          outcomes.error++
        }
      }),
      {numRuns: RUNS},
    )
    // A fuzzer that only ever meets one of the two tests half of the reader.
    if (name !== 'pytorch-legacy')
      expect(Math.min(outcomes.model, outcomes.error)).toBeGreaterThan(RUNS / 100)
  })
})
