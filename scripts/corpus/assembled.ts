import {deflateRawSync} from 'node:zlib'
import {legacy} from '../../test/core/modelfile/build-legacy.ts'
import {
  call,
  dictOf,
  ints,
  op,
  orderedDict,
  osSystem,
  pickle,
  storage,
  tensor,
  tupleOf,
} from '../../test/core/modelfile/build-pickle.ts'
import {floats, torchEntries, zip} from '../../test/core/modelfile/build-zip.ts'
import {dangerousGlobals} from './dangerous-globals.ts'

/** What must come of a file: refused as dangerous, refused as broken, or accepted. */
export type Expected = 'block' | 'error' | 'accept'

export interface CorpusFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly expected: Expected
}

const w = tensor({count: 2, size: [2], stride: [1]})
const storages = {0: floats(1, 2)}
const evil = pickle(dictOf({w, x: osSystem}))
const good = pickle(dictOf({w}))
const evilZip = zip(torchEntries(evil, storages))
const goodZip = zip(torchEntries(good, storages))
const bent = (change: object) =>
  zip(torchEntries(evil, storages).map((e) => (e.name.endsWith('data.pkl') ? {...e, ...change} : e)))

/** A function that no list of dangerous ones has: what is called of it, and how, is what tells. */
const unknown = op.global('my_tools', 'run')
const setState = op.raw(orderedDict, dictOf({__setstate__: unknown}), op.build, op.text('id'), op.build)
const extend = op.raw(
  call('argparse', 'Namespace'),
  dictOf({extend: unknown}),
  op.build,
  op.mark,
  op.text('id'),
  op.appends,
)
const factory = call('collections', 'defaultdict', unknown)
const two = {...storages, 1: floats(8, 9)}
const otherTensor = op.raw(w, tupleOf(storage('FloatStorage', '1', 2), op.int(0), ints(2), ints(1)), op.build)
const lambda = {
  name: 'config.json',
  bytes: Buffer.from(
    JSON.stringify({class_name: 'Sequential', config: {layers: [{class_name: 'Lambda', config: {}}]}}),
  ),
}

function npy(descr: string, rest: Uint8Array): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (1,), }`.padEnd(117) + '\n'
  const length = Buffer.alloc(2)
  length.writeUInt16LE(header.length)
  return Buffer.concat([Buffer.from('\u0093NUMPY\u0001\u0000', 'latin1'), length, Buffer.from(header), rest])
}

function safetensors(metadata: Record<string, string>): Buffer {
  const json = JSON.stringify({__metadata__: metadata, w: {dtype: 'F32', shape: [2], data_offsets: [0, 8]}})
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, Buffer.from(json), floats(1, 2)])
}

const globals = dangerousGlobals.map(([module, name]): CorpusFile => ({
  name: `globals/${module}.${name}.pkl`,
  bytes: pickle(op.global(module, name), op.mark, op.text('id'), op.tuple, op.reduce),
  expected: 'block',
}))

const structural: readonly (readonly [name: string, bytes: Uint8Array, expected: Expected])[] = [
  ['zip-flag-0x1.pt', bent({flags: 0x1}), 'block'],
  ['zip-flag-0x20.pt', bent({flags: 0x20}), 'block'],
  ['zip-flag-0x40.pt', bent({flags: 0x40}), 'block'],
  ['zip-bad-crc.pt', bent({crc: 1}), 'block'],
  ['zip-other-local-name.pt', bent({local: {name: 'archive/data.txt'}}), 'block'],
  ['zip-other-local-method.pt', bent({local: {method: 8}}), 'block'],
  ['zip-deflated.pt', bent({deflate: true}), 'block'],
  [
    'zip-second-pickle-entry.pt',
    zip([...torchEntries(good, storages), {name: 'archive/x.txt', bytes: evil}]),
    'block',
  ],
  [
    'zip-traversal.pt',
    zip([...torchEntries(good, storages), {name: '../../etc/cron.d/x', bytes: floats(1)}]),
    'block',
  ],
  [
    'zip-symlink.pt',
    zip([
      ...torchEntries(good, storages),
      {name: 'archive/l', bytes: Buffer.from('/etc/passwd'), mode: 0o120777},
    ]),
    'block',
  ],
  [
    'zip-program.pt',
    zip([...torchEntries(good, storages), {name: 'archive/run.sh', bytes: Buffer.from('#!/bin/sh\nid\n')}]),
    'block',
  ],
  [
    'zip-duplicate.pt',
    zip([...torchEntries(good, storages), {name: 'ARCHIVE/DATA.PKL', bytes: evil}]),
    'block',
  ],
  [
    'zip-bomb.pt',
    zip([{name: 'archive/data.pkl', bytes: deflateRawSync(Buffer.alloc(2 ** 28)), method: 8, size: 2 ** 28}]),
    'error',
  ],
  ['zip-cut.pt', goodZip.subarray(0, goodZip.length - 40), 'error'],
  ['png-named.pt', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'error'],
  ['7z-named.pt', Buffer.from('377abcaf271c0004', 'hex'), 'error'],
  ['html-named.pt', Buffer.from('<!DOCTYPE html><html>404</html>'), 'error'],
  ['legacy-magic-payload.pt', Buffer.concat([pickle(osSystem), legacy(op.none)]), 'block'],
  [
    'legacy-payload.pt',
    legacy(dictOf({w, x: osSystem}), [{key: '0', count: 2, bytes: floats(1, 2)}]),
    'block',
  ],
  ['legacy.pt', legacy(dictOf({w}), [{key: '0', count: 2, bytes: floats(1, 2)}]), 'accept'],
  ['legacy-cut.pt', legacy(dictOf({w}), [{key: '0', count: 2, bytes: floats(1)}]), 'error'],
  ['pickle-named.safetensors', pickle(osSystem), 'block'],
  ['pickle-named.txt', pickle(osSystem), 'block'],
  ['zip-named.safetensors', evilZip, 'block'],
  ['second-stream.pkl', Buffer.concat([pickle(dictOf({})), pickle(osSystem)]), 'block'],
  ['memo-missing.pkl', pickle(op.get(7)), 'error'],
  ['type-confusion.pkl', pickle(op.int(42), op.text('os'), op.stackGlobal), 'error'],
  ['no-stop.pkl', pickle(osSystem).subarray(0, -1), 'block'],
  ['broken-after-call.pkl', Buffer.concat([pickle(osSystem).subarray(0, -1), Buffer.of(0xff)]), 'block'],
  ['extension-code.pkl', pickle(op.raw(0x82, 1)), 'block'],
  ['build-on-global.pkl', pickle(op.global('my.module', 'Class'), dictOf({f: op.int(1)}), op.build), 'block'],
  ['nested.pkl', pickle(dictOf({x: op.bytes(pickle(osSystem))})), 'block'],
  ['nested-base64.pkl', pickle(dictOf({x: op.text(pickle(osSystem).toString('base64'))})), 'block'],
  ['objects.npy', npy('|O', pickle(osSystem)), 'block'],
  ['objects.npz', zip([{name: 'a.npy', bytes: npy('|O', pickle(osSystem)), deflate: true}]), 'block'],
  ['objects-written-otherwise.npy', npy('object', pickle(osSystem)), 'block'],
  ['objects-under-another-name.npz', zip([{name: 'a', bytes: npy('|O', pickle(osSystem))}]), 'block'],
  ['setstate.pt', zip(torchEntries(pickle(dictOf({w, x: setState})), storages)), 'block'],
  ['extend.pt', zip(torchEntries(pickle(dictOf({w, x: extend})), storages)), 'block'],
  ['factory.pt', zip(torchEntries(pickle(dictOf({w, x: factory})), storages)), 'block'],
  ['state-of-a-tensor.pt', zip(torchEntries(pickle(dictOf({w: otherTensor})), two)), 'error'],
  ['text-after-none.bin', Buffer.from("N0cos\nsystem\n(S'id'\ntR."), 'block'],
  ['second-of-text.pkl', Buffer.concat([pickle(op.none), Buffer.from("cos\nsystem\n(S'id'\ntR.")]), 'block'],
  [
    'second-directory.pt',
    zip(torchEntries(good, storages), {afterDirectory: Buffer.alloc(76, 'x'), size: 76}),
    'block',
  ],
  ['lambda-and-npz.keras', zip([lambda, {name: 'model.weights.npz', bytes: zip([])}]), 'block'],
  ['lambda-and-pickle.keras', zip([lambda, ...torchEntries(good, storages)]), 'block'],
  ['numbers.npy', npy('<f4', floats(1)), 'accept'],
  ['code.safetensors', safetensors({note: "__import__('os').system('id')"}), 'block'],
  ['plain.safetensors', safetensors({format: 'pt', note: 'call model.eval() first'}), 'accept'],
  ['polyglot.safetensors', Buffer.concat([safetensors({}), evilZip]), 'block'],
  ['cut.safetensors', safetensors({}).subarray(0, -4), 'error'],
  ['plain.pt', goodZip, 'accept'],
  [
    'ordered.pt',
    zip(torchEntries(pickle(op.raw(orderedDict, op.mark, op.text('w'), w, op.setItems)), storages)),
    'accept',
  ],
  [
    'checkpoint.pt',
    zip(
      torchEntries(
        pickle(
          dictOf({
            state_dict: dictOf({w}),
            epoch: op.int(3),
            device: call('torch', 'device', op.text('cpu')),
          }),
        ),
        storages,
      ),
    ),
    'accept',
  ],
]

/** Files put together byte by byte: one for each global, and the tricks of section 3's list. */
export const assembled: readonly CorpusFile[] = [
  ...globals,
  ...structural.map(([name, bytes, expected]) => ({name: `structure/${name}`, bytes, expected})),
]
