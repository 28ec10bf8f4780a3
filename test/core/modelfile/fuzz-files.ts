import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {legacy} from './build-legacy.ts'
import {call, dictOf, op, orderedDict, osSystem, pickle, tensor, tupleOf} from './build-pickle.ts'
import {GraphBuilder} from './build-tfjs-graph.ts'
import {floats, torchEntries, zip} from './build-zip.ts'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/modelfile/${name}`, import.meta.url))

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

/** Weights of no bytes: a mutated file is read without others beside it. */
const nothing = [{paths: [], weights: [{name: 'd/kernel', shape: [0, 2], dtype: 'float32'}]}]

function graphModel(): Uint8Array {
  const graph = new GraphBuilder()
  const x = graph.placeholder('x', [-1, 2, 2, 1])
  const flat = graph.node('Reshape', [x, graph.ints([2], [-1, 4])])
  const output = graph.node('_FusedMatMul', [flat, graph.weight([4, 2]), graph.weight([2])], {
    fused_ops: ['BiasAdd', 'Relu'],
  })
  return Buffer.from(JSON.stringify({...graph.model(output, []).json, weightsManifest: nothing}))
}

/** What a mutated file is called: some formats are told by their name too. */
export const fuzzName = (seed: string): string =>
  seed.startsWith('tfjs') ? 'model.json' : `fuzzed.${extensions[seed] ?? 'pt'}`

const extensions: Readonly<Record<string, string>> = {
  safetensors: 'safetensors',
  onnx: 'onnx',
  'keras-h5': 'h5',
  'keras-v3': 'keras',
}

export const fuzzSeeds: Readonly<Record<string, Uint8Array>> = {
  safetensors: fixture('official.safetensors'),
  'pytorch-zip': zip(entries),
  'pytorch-zip, compressed': zip(entries.map((entry) => ({...entry, deflate: true}))),
  'pytorch-legacy': legacy(dictOf({w: tensor({count: 4, size: [2, 2], stride: [1, 2]})}), [
    {key: '0', count: 4, bytes: floats(1, 2, 3, 4)},
  ]),
  onnx: fixture('onnx/small.ts.onnx'),
  tfjs: Buffer.from(
    JSON.stringify({
      format: 'layers-model',
      modelTopology: {
        class_name: 'Sequential',
        config: {name: 'm', layers: [{class_name: 'Dense', config: {name: 'd', units: 2}}]},
      },
      weightsManifest: nothing,
    }),
  ),
  'tfjs, operators': graphModel(),
  'keras-h5': fixture('keras/small.h5'),
  'keras-v3': fixture('keras/small.keras'),
  pickle: pickle(
    dictOf({
      a: osSystem,
      b: call('my.module', 'f', op.text('x')),
      c: op.raw(op.mark, op.none, op.inst('my.models', 'Net')),
    }),
  ),
}

/** What is written over, put in, taken out or repeated, at a place that is a share of the length. */
export const mutation = fc.record({
  kind: fc.constantFrom('byte', 'word', 'insert', 'remove', 'repeat', 'cut'),
  place: fc.double({min: 0, max: 1, noNaN: true}),
  byte: fc.oneof(
    fc.integer({min: 0, max: 255}),
    fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, ...Buffer.from('(.0RbcioqhtQs}')),
  ),
  word: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000, 0xff),
  length: fc.integer({min: 1, max: 64}),
})
export type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never

export function mutate(bytes: Buffer, {kind, place, byte, word, length}: Mutation): Buffer {
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
