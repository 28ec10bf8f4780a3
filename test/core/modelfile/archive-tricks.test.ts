import {readFile} from 'node:fs/promises'
import {isDangerous} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {call, dictOf, ints, op, orderedDict, osSystem, pickle, storage, tensor} from './build-pickle.ts'
import {floats, torchEntries, zip, type ZipEntry} from './build-zip.ts'
import {refusal, rules, scratch, values} from './scratch.ts'

const {read} = scratch()
const good = pickle(dictOf({w: tensor({count: 2, size: [2], stride: [1]})}))
const two = {0: floats(1, 2)}
const entries = (...extra: ZipEntry[]) => torchEntries(good, two, extra)
const model = (bytes: Uint8Array) => read('model.pt', bytes)
/** The usual entries, one of them changed. */
const changed = (name: string, change: Partial<ZipEntry>) =>
  zip(entries().map((entry) => (entry.name === name ? {...entry, ...change} : entry)))

describe('archives that were tampered with', () => {
  it.each([
    ['a name that climbs out', zip(entries({name: '../../etc/evil', bytes: floats(1)})), 'ABD-F020 high'],
    ['an absolute name', zip(entries({name: '/etc/evil', bytes: floats(1)})), 'ABD-F020 high'],
    [
      'a name with a zero byte',
      zip(entries({name: 'archive/a\u0000.pkl', bytes: floats(1)})),
      'ABD-F020 high',
    ],
    ['one name twice', zip(entries({name: 'archive/data.pkl', bytes: good})), 'ABD-F021 high'],
    [
      'one name in two cases, which PyTorch ignores',
      zip(entries({name: 'archive/DATA.PKL', bytes: good})),
      'ABD-F021 high',
    ],
    [
      'another name in the local header',
      changed('archive/data/0', {local: {name: 'archive/data/1'}}),
      'ABD-F022 high',
    ],
    ['another size in the local header', changed('archive/data/0', {local: {size: 4}}), 'ABD-F022 high'],
    [
      'another compression in the local header',
      changed('archive/data/0', {local: {method: 8}}),
      'ABD-F022 high',
    ],
    ['the mark of encryption', changed('archive/data.pkl', {flags: 0x1}), 'ABD-F023 high'],
    ['the mark of a patch', changed('archive/data.pkl', {flags: 0x20}), 'ABD-F023 high'],
    ['the mark of strong encryption', changed('archive/data.pkl', {flags: 0x40}), 'ABD-F023 high'],
    [
      'a symbolic link',
      zip(entries({name: 'archive/link', bytes: Buffer.from('/etc/passwd'), mode: 0o120777})),
      'ABD-F028 high',
    ],
    [
      'a second directory of the size of what zip64 ends with, which Python would take',
      zip(entries(), {afterDirectory: Buffer.alloc(76, 'x'), size: 76}),
      'ABD-F022 high',
    ],
    ['a directory of another size', zip(entries(), {size: 50}), 'ABD-F022 high'],
    [
      'an entry within another',
      zip(entries({name: 'archive/again', bytes: floats(1), start: 0})),
      'ABD-F025 high',
    ],
  ])('are dangerous: %s', async (_, bytes, rule) => {
    const file = await model(bytes)

    expect(rules(file)).toContain(rule)
    expect(isDangerous(file.scan)).toBe(true)
  })

  it.each([
    ['a wrong checksum of a storage', changed('archive/data/0', {crc: 1}), ['ABD-F024 medium']],
    ['a wrong checksum of the pickle', changed('archive/data.pkl', {crc: 1}), ['ABD-F024 medium']],
    [
      'bytes between entries',
      changed('archive/version', {before: Buffer.from('hidden')}),
      ['ABD-F026 medium'],
    ],
    ['bytes behind the directory', zip(entries(), {afterDirectory: Buffer.alloc(100)}), ['ABD-F026 medium']],
    ['a comment', zip(entries(), {comment: 'hidden'}), ['ABD-F026 medium']],
    [
      'a second pickle',
      zip(entries({name: 'archive/other.pkl', bytes: pickle(op.none)})),
      ['ABD-F027 medium'],
    ],
    [
      'a pickle under another name',
      zip(entries({name: 'archive/notes.txt', bytes: pickle(op.none)})),
      ['ABD-F027 medium'],
    ],
    [
      'an archive within it',
      zip(entries({name: 'archive/more', bytes: zip([{name: 'a', bytes: floats(1)}])})),
      ['ABD-F029 medium'],
    ],
    [
      'a storage that is longer than it says',
      zip(torchEntries(good, {0: floats(1, 2, 3)})),
      ['ABD-F042 low'],
    ],
  ])('are for review, with their weights: %s', async (_, bytes, expected) => {
    const file = await model(bytes)

    expect(rules(file)).toEqual(expected)
    expect(values(file, 'w')).toEqual([1, 2])
  })

  it('cannot hide a call in another pickle of the archive', async () => {
    for (const name of ['archive/other.pkl', 'archive/notes', 'elsewhere/data.pkl', 'archive/.hidden/x'])
      expect(rules(await model(zip(entries({name, bytes: pickle(osSystem)}))))).toContain('ABD-F001 critical')
  })

  it('cannot hide a call behind a zip: what begins as a pickle is one, as for PyTorch', async () => {
    const file = await model(Buffer.concat([pickle(osSystem), zip(entries())]))

    expect(file.format).toBe('pickle')
    expect(rules(file)).toContain('ABD-F001 critical')
  })
})

describe('Keras archives', () => {
  const config = (layer: string) => ({
    name: 'config.json',
    bytes: Buffer.from(
      JSON.stringify({class_name: 'Sequential', config: {layers: [{class_name: layer, config: {}}]}}),
    ),
  })
  const npz = {name: 'model.weights.npz', bytes: zip([{name: 'a.npy', bytes: floats(1)}])}

  it('cannot hide a Lambda layer behind weights of another form, or behind none', async () => {
    for (const rest of [[npz], []]) {
      const file = await read('model.keras', zip([config('Lambda'), ...rest]))

      expect(rules(file)).toContain('ABD-F051 high')
    }
  })

  it('cannot hide a Lambda layer behind a PyTorch model, nor be one at once', async () => {
    const lambda = await read('model.keras', zip([config('Lambda'), ...entries()]))
    const dense = await read('model.keras', zip([config('Dense'), ...entries()]))

    expect(rules(lambda)).toEqual(expect.arrayContaining(['ABD-F051 high', 'ABD-F063 high']))
    expect(rules(dense)).toContain('ABD-F063 high')
  })

  it('of other weights are refused with the way out', async () => {
    const error = await refusal(read('model.keras', zip([config('Dense'), npz])))

    expect(`${error.code} ${error.message} ${error.hints.join(' ')}`).toMatch(
      /E_FORMAT_UNSUPPORTED .*not in model\.weights\.h5.*Keras 3/,
    )
  })

  it('have weights that may be longer than a pickle, as long as HDF5 files', async () => {
    const small = await readFile(new URL('../../fixtures/modelfile/keras/small.keras', import.meta.url))
    const file = await read('model.keras', small, {limits: {pickleBytes: 5000}})
    const error = await refusal(read('model.keras', small, {limits: {structureBytes: 7900}}))

    expect(file.stateDict.size).toBeGreaterThan(0)
    expect(`${error.code} ${error.message}`).toMatch(
      /E_LIMIT .*entry 'model\.weights\.h5' has 7960 bytes; HDF5 files are read up to 7900/,
    )
  })

  it('do not include what has a config.json of another kind', async () => {
    const file = await model(zip(entries({name: 'config.json', bytes: Buffer.from('{"hidden": 3}')})))

    expect(file.scan).toEqual([])
  })
})

describe('names that PyTorch finds whatever their case', () => {
  it('are found so too', async () => {
    const swapped = Buffer.from(floats(1, 2)).swap32()
    const file = await model(
      zip(torchEntries(good, {0: swapped}, [{name: 'archive/ByteOrder', bytes: Buffer.from('big')}])),
    )
    const other = await model(
      zip([
        {name: 'archive/DATA.pkl', bytes: good},
        {name: 'archive/Data/0', bytes: floats(1, 2)},
        {name: 'x/data.pkl', bytes: pickle(op.none)},
      ]),
    )

    expect(values(file, 'w')).toEqual([1, 2])
    expect(values(other, 'w')).toEqual([1, 2])
  })

  it('of a storage of bytes: it is not swapped, whatever the byte order, as PyTorch does not', async () => {
    const version3 = call(
      'torch._utils',
      '_rebuild_tensor_v3',
      storage('UntypedStorage', '0', 8),
      op.int(0),
      ints(2),
      ints(1),
      op.false,
      orderedDict,
      op.global('torch', 'float32'),
    )
    const big = {name: 'archive/byteorder', bytes: Buffer.from('big')}
    const file = await model(zip(torchEntries(pickle(dictOf({w: version3})), two, [big])))
    const both = pickle(dictOf({w: tensor({count: 2, size: [2], stride: [1]}), v: version3}))
    const error = await refusal(model(zip(torchEntries(both, two, [big]))))

    expect(values(file, 'w')).toEqual([1, 2])
    expect(error.message).toContain("the storage '0' is both FloatStorage and UntypedStorage")
  })
})

describe('archives that are unusual but honest', () => {
  it('may be compressed', async () => {
    const bytes = zip(torchEntries(good, two).map((entry) => ({...entry, deflate: true})))
    const file = await model(bytes)

    expect(values(file, 'w')).toEqual([1, 2])
    expect(file.scan).toEqual([])
  })

  it('may have no folder', async () => {
    const file = await model(
      zip([
        {name: 'version', bytes: Buffer.from('3')},
        {name: 'data.pkl', bytes: good},
        {name: 'data/0', bytes: floats(1, 2)},
      ]),
    )

    expect(values(file, 'w')).toEqual([1, 2])
  })
})

describe('archives that are refused', () => {
  it.each([
    ['without an end', zip(entries()).subarray(0, -30), 'E_FILE_TRUNCATED', 'ends too early'],
    ['of their first half', zip(entries()).subarray(0, 200), 'E_FILE_TRUNCATED', 'ends too early'],
    [
      'with a method that nobody knows',
      changed('archive/data/0', {method: 99, local: {method: 99}}),
      'E_ZIP',
      'compression method 99',
    ],
    ['that claim more entries than they have', zip(entries(), {count: 60000}), 'E_LIMIT', '60000 entries'],
    [
      'that claim a few more entries than they have',
      zip(entries(), {count: 5}),
      'E_FILE_TRUNCATED',
      'beyond its end',
    ],
    [
      'whose entries do not unpack',
      changed('archive/data/0', {method: 8, local: {method: 8}}),
      'E_ZIP',
      'does not unpack',
    ],
    [
      'whose entries unpack to more than they say',
      changed('archive/data/0', {bytes: new Uint8Array(800), deflate: true, size: 8}),
      'E_ZIP',
      'does not unpack',
    ],
    [
      'that are bombs',
      changed('archive/data/0', {bytes: new Uint8Array(2 ** 22), deflate: true}),
      'E_LIMIT',
      'zip bomb',
    ],
    [
      'with a byte order of their own',
      zip(entries({name: 'archive/byteorder', bytes: Buffer.from('middle')})),
      'E_ZIP',
      'byteorder',
    ],
    [
      'that are no checkpoint',
      zip([{name: 'a/readme', bytes: Buffer.from('x')}]),
      'E_FORMAT_UNSUPPORTED',
      'without a data.pkl',
    ],
    [
      'that are TorchScript',
      zip(
        entries(
          {name: 'archive/constants.pkl', bytes: pickle(op.emptyTuple)},
          {name: 'archive/code/m.py', bytes: Buffer.from('')},
        ),
      ),
      'E_FORMAT_UNSUPPORTED',
      'TorchScript',
    ],
    [
      'that are Keras',
      zip([
        {name: 'metadata.json', bytes: Buffer.from('{}')},
        {name: 'config.json', bytes: Buffer.from('{}')},
      ]),
      'E_FORMAT_UNSUPPORTED',
      'Keras',
    ],
    ['that are NumPy', zip([{name: 'arr_0.npy', bytes: Buffer.from('x')}]), 'E_FORMAT_UNSUPPORTED', 'NumPy'],
    ['that are empty', zip([]), 'E_FORMAT_UNKNOWN', '504b0506'],
  ])('%s', async (_, bytes, code, said) => {
    const error = await refusal(model(bytes))

    expect([error.code, error.exit]).toEqual([code, 4])
    expect(`${error.message} ${error.hints.join(' ')}`).toContain(said)
  })
})
