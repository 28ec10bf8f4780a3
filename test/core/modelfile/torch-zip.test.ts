import {readModelFile, writeTorchZip, type StateDict} from '@abd/core/modelfile'
import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {call, dictOf, ints, op, orderedDict, pickle, storage, tensor, tupleOf} from './build-pickle.ts'
import {floats, torchEntries, zip, type ZipEntry} from './build-zip.ts'
import {refusal, rules, scratch, values} from './scratch.ts'

const {path, read} = scratch()
const torch = (
  object: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>>,
  options?: {key?: string},
  extra: ZipEntry[] = [],
) => read('model.pt', zip(torchEntries(pickle(object), storages, extra)), options)
const row = (key: string, count: number) => tensor({key, count, size: [count], stride: [1]})
const one = row('0', 2)
const two = {0: floats(1, 2)}

describe('tensors', () => {
  it('may share a storage, at offsets', async () => {
    const model = await torch(
      dictOf({
        whole: tensor({count: 6, size: [2, 3], stride: [3, 1]}),
        tail: tensor({count: 6, offset: 4, size: [2], stride: [1]}),
        scalar: tensor({count: 6, offset: 5, size: [], stride: []}),
        empty: tensor({count: 6, size: [0, 4], stride: [4, 1]}),
      }),
      {0: floats(0, 1, 2, 3, 4, 5)},
    )

    expect(values(model, 'whole')).toEqual([0, 1, 2, 3, 4, 5])
    expect(values(model, 'tail')).toEqual([4, 5])
    expect(values(model, 'scalar')).toEqual([5])
    expect(model.stateDict.get('scalar')!.shape).toEqual([])
    expect(values(model, 'empty')).toEqual([])
    expect(model.scan).toEqual([])
  })

  it('may lie in any order: transposed, with gaps, expanded', async () => {
    const model = await torch(
      dictOf({
        transposed: tensor({count: 6, size: [3, 2], stride: [1, 3]}),
        gaps: tensor({count: 6, offset: 1, size: [2, 1], stride: [3, 9]}),
        expanded: tensor({count: 6, offset: 2, size: [2, 2], stride: [0, 0]}),
      }),
      {0: floats(0, 1, 2, 3, 4, 5)},
    )

    // Item [i, j] is at i + 3j: 0 3, 1 4, 2 5.
    expect(values(model, 'transposed')).toEqual([0, 3, 1, 4, 2, 5])
    expect(values(model, 'gaps')).toEqual([1, 4])
    expect(values(model, 'expanded')).toEqual([2, 2, 2, 2])
  })

  const types: [string, string, Uint8Array, number[]][] = [
    ['FloatStorage', 'float32', floats(1.5, -2), [1.5, -2]],
    ['DoubleStorage', 'float64', new Uint8Array(Float64Array.of(Math.PI, 0).buffer), [Math.PI, 0]],
    ['HalfStorage', 'float16', new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer), [1, -2]],
    ['BFloat16Storage', 'bfloat16', new Uint8Array(Uint16Array.of(0x3fc0, 0xc000).buffer), [1.5, -2]],
    ['LongStorage', 'int64', new Uint8Array(BigInt64Array.of(7n, -7n).buffer), [7, -7]],
    ['IntStorage', 'int32', new Uint8Array(Int32Array.of(7, -7).buffer), [7, -7]],
    ['ShortStorage', 'int16', new Uint8Array(Int16Array.of(7, -7).buffer), [7, -7]],
    ['CharStorage', 'int8', new Uint8Array(Int8Array.of(7, -7).buffer), [7, -7]],
    ['ByteStorage', 'uint8', Uint8Array.of(7, 249), [7, 249]],
    ['BoolStorage', 'bool', Uint8Array.of(1, 0), [1, 0]],
  ]
  it.each(types)('of a %s are %s, in both byte orders', async (type, dtype, bytes, expected) => {
    const object = dictOf({t: tensor({type, count: 2, size: [2], stride: [1]})})
    const little = await torch(object, {0: bytes}, {}, [
      {name: 'archive/byteorder', bytes: Buffer.from('little')},
    ])
    const item = bytes.length / 2
    const swapped = Uint8Array.from(
      bytes,
      (_, i) => bytes[Math.floor(i / item) * item + item - 1 - (i % item)]!,
    )
    const big = await torch(object, {0: swapped}, {}, [
      {name: 'archive/byteorder', bytes: Buffer.from('big')},
    ])

    for (const model of [little, big]) {
      expect(model.stateDict.get('t')!.dtype).toBe(dtype)
      expect(values(model, 't')).toEqual(expected)
    }
  })

  it('may be parameters, of version 3, or made from a type', async () => {
    const parameter = call('torch._utils', '_rebuild_parameter', one, op.true, orderedDict)
    const typed = call(
      'torch._tensor',
      '_rebuild_from_type_v2',
      op.global('torch._utils', '_rebuild_parameter'),
      op.none,
      tupleOf(one, op.true, orderedDict),
      op.emptyDict,
    )
    const version3 = call(
      'torch._utils',
      '_rebuild_tensor_v3',
      storage('UntypedStorage', '1', 4),
      op.int(1),
      ints(1),
      ints(1),
      op.false,
      orderedDict,
      op.global('torch', 'uint16'),
    )
    const model = await torch(dictOf({parameter, typed, version3}), {
      ...two,
      1: new Uint8Array(Uint16Array.of(1, 65535).buffer),
    })

    expect(values(model, 'parameter')).toEqual([1, 2])
    expect(values(model, 'typed')).toEqual([1, 2])
    expect(model.stateDict.get('version3')!.dtype).toBe('uint16')
    expect(values(model, 'version3')).toEqual([65535])
    expect(model.scan).toEqual([])
  })

  it.each([
    [
      'beyond their storage',
      tensor({count: 2, offset: 1, size: [2], stride: [1]}),
      'E_PICKLE',
      'beyond its storage (item 3 of 2)',
    ],
    [
      'beyond it by their stride',
      tensor({count: 2, size: [2], stride: [2 ** 31 - 1]}),
      'E_PICKLE',
      'beyond its storage',
    ],
    [
      'from a storage that is not there',
      tensor({key: '7', count: 2, size: [2], stride: [1]}),
      'E_PICKLE',
      "storage '7' of the tensor 't' is missing",
    ],
    [
      'from a storage that is too short',
      tensor({count: 3, size: [2], stride: [1]}),
      'E_PICKLE',
      'has 8 bytes, not 12',
    ],
    [
      'of complex numbers',
      tensor({type: 'ComplexFloatStorage', key: '1', count: 1, size: [1], stride: [1]}),
      'E_DTYPE',
      "'complexfloat'",
    ],
    [
      'expanded a thousand million times',
      tensor({count: 1, size: [2 ** 30], stride: [0]}),
      'E_LIMIT',
      'more memory',
    ],
    ['quantised', call('torch._utils', '_rebuild_qtensor', one), 'E_DTYPE', '_rebuild_qtensor'],
  ])('are refused %s', async (_, t, code, said) => {
    const error = await refusal(torch(dictOf({a: one, t}), two))

    expect([error.code, error.exit]).toEqual([code, 4])
    expect(error.message).toContain(said)
  })

  it('that are not finite are found and reported', async () => {
    const model = await torch(dictOf({good: one, bad: row('1', 5)}), {
      ...two,
      1: floats(Number.NaN, 1, Infinity, 2, -Infinity),
    })

    expect(model.nonFinite).toEqual([{tensor: 'bad', count: 3}])
    expect(model.scan).toEqual([
      {
        rule: 'ABD-F041',
        severity: 'medium',
        message: "tensor 'bad' has 3 values that are NaN or infinite",
        offset: null,
      },
    ])
  })
})

describe('checkpoints', () => {
  it('are unwrapped: state_dict before model before net before student_state_dict before the whole', async () => {
    const holds = (...names: string[]) =>
      dictOf(Object.fromEntries(names.map((name) => [name, dictOf({[`of_${name}`]: one})])))
    const first = async (object: Uint8Array) => [...(await torch(object, two)).stateDict.keys()]

    expect(await first(holds('student_state_dict', 'net', 'model', 'state_dict'))).toEqual(['of_state_dict'])
    expect(await first(holds('student_state_dict', 'net', 'model'))).toEqual(['of_model'])
    expect(await first(holds('student_state_dict', 'net'))).toEqual(['of_net'])
    expect(await first(holds('student_state_dict'))).toEqual(['of_student_state_dict'])
    expect(await first(dictOf({weight: one}))).toEqual(['weight'])
    // A wrapper's name on something that holds no tensors is no wrapper.
    expect(await first(dictOf({model: op.text('wrn-16-1'), net: dictOf({w: one})}))).toEqual(['w'])
  })

  it('that hold several state dicts say which was taken, unless it was asked for', async () => {
    const object = dictOf({
      state_dict: dictOf({a: one}),
      ema: dictOf({b: one}),
      optimizer: dictOf({state: dictOf({})}),
    })
    const {scan} = await torch(object, two)

    expect(scan).toEqual([
      {
        rule: 'ABD-F044',
        severity: 'medium',
        message: "that of 'state_dict' was taken; 'ema' holds weights as well",
        offset: null,
      },
    ])
    expect((await torch(object, two, {key: 'ema'})).scan).toEqual([])
    expect((await torch(dictOf({w: one, ema: dictOf({b: one})}), two)).scan[0]?.message).toContain(
      'the outermost',
    )
    expect((await torch(dictOf({state_dict: dictOf({a: one})}), two)).scan).toEqual([])
  })

  it('give what is under --key', async () => {
    const object = dictOf({model: dictOf({a: one}), teacher: dictOf({b: one}), epoch: op.int(3)})

    expect([...(await torch(object, two, {key: 'teacher'})).stateDict.keys()]).toEqual(['b'])
    const error = await refusal(torch(object, two, {key: 'techer'}))
    expect([error.code, error.exit]).toEqual(['E_KEY_UNKNOWN', 2])
    expect(error.hints).toEqual(['Did you mean --key teacher?', 'Its keys: model, teacher.'])
  })

  it('lose a leading module., and leave out what is no tensor', async () => {
    const object = orderedDictOf({'module.conv.weight': one, 'module.module.a': one, _extra_state: op.none})

    expect([...(await torch(object, two)).stateDict.keys()]).toEqual(['conv.weight', 'module.a'])
  })

  it('keep their plain values as metadata, whatever else they hold', async () => {
    const namespace = op.raw(
      op.global('argparse', 'Namespace'),
      op.emptyTuple,
      op.newobj,
      dictOf({lr: op.float(0.1), name: op.text('wrn')}),
      op.build,
    )
    const dtype = op.raw(
      call('numpy', 'dtype', op.text('f8'), op.false, op.true),
      tupleOf(op.int(3), op.text('<'), op.none),
      op.build,
    )
    const double = Buffer.alloc(8)
    double.writeDoubleLE(84.46)
    // Protocol 2 writes bytes as Latin-1 text that is encoded.
    const encoded = call('_codecs', 'encode', op.text(double.toString('latin1')), op.text('latin1'))
    const model = await torch(
      dictOf({
        net: dictOf({w: one}),
        args: namespace,
        device: call('torch', 'device', op.text('cuda'), op.int(0)),
        best_acc1: call('numpy.core.multiarray', 'scalar', dtype, encoded),
        epoch: op.int(48),
        arch: op.raw(op.global('models.wrn', 'WideResNet'), op.emptyTuple, op.newobj, op.emptyDict, op.build),
        losses: op.emptyList,
      }),
      two,
    )

    expect(model.metadata).toEqual({'args.lr': 0.1, 'args.name': 'wrn', best_acc1: 84.46, epoch: 48})
    expect(rules(model)).toEqual(['ABD-F003 medium'])
  })

  it.each([
    [
      'numbers',
      dictOf({epoch: op.int(1)}),
      undefined,
      'holds no state dict',
      'torch.save(model.state_dict(), path)',
    ],
    [
      'a whole model',
      op.raw(op.global('my.models', 'Net'), op.emptyTuple, op.newobj),
      undefined,
      'but pickled objects',
      'torch.save(model.state_dict(), path)',
    ],
    [
      'weights under a key that nobody knows',
      dictOf({ema: dictOf({w: one}), other: dictOf({w: one})}),
      undefined,
      'holds no state dict',
      '--key ema or --key other',
    ],
  ])('without weights are refused: %s', async (_, object, key, said, remedy) => {
    const error = await refusal(torch(object, two, key === undefined ? {} : {key}))

    expect([error.code, error.exit]).toEqual(['E_NO_WEIGHTS', 4])
    expect(error.message).toContain(said)
    expect(error.hints.join(' ')).toContain(remedy)
  })
})

describe('writing .pt files', () => {
  const tensors: StateDict = new Map([
    ['conv1.weight', {dtype: 'float32', shape: [2, 1, 1, 2], data: Float32Array.of(1, -2, 0.5, 3)}],
    ['bn.num_batches_tracked', {dtype: 'int64', shape: [], data: BigInt64Array.of(300n)}],
    ['half', {dtype: 'float16', shape: [300], data: new Float32Array(300).fill(0.5)}],
    ['brain', {dtype: 'bfloat16', shape: [1], data: Float32Array.of(1.5)}],
    ['double', {dtype: 'float64', shape: [1], data: Float64Array.of(Math.PI)}],
    ['mask', {dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0)}],
    ['names with ünïcode', {dtype: 'int8', shape: [1], data: Int8Array.of(-1)}],
    ['empty', {dtype: 'float32', shape: [0, 3], data: new Float32Array()}],
  ])

  it('gives back what was written', async () => {
    await writeTorchZip(path('out.pt'), tensors)
    const model = await readModelFile(path('out.pt'))

    expect([...model.stateDict]).toEqual([...tensors])
    expect(model.scan).toEqual([])
  })

  it('lays storages out as torch.save does: stored, at multiples of 64, in little-endian', async () => {
    await writeTorchZip(path('layout.pt'), tensors)
    const bytes = await readFile(path('layout.pt'))

    expect(bytes.indexOf(floats(1, -2, 0.5, 3)) % 64).toBe(0)
    expect(bytes.indexOf('PK\u0003\u0004')).toBe(0)
    expect(bytes.subarray(30, 45).toString()).toBe('layout/data.pkl')
    for (const name of ['layout/version', 'layout/byteorder', 'layout/data/0', 'layout/.format_version'])
      expect(bytes.includes(name)).toBe(true)
  })

  it('refuses what PyTorch has no storage for', async () => {
    const error = await refusal(
      writeTorchZip(path('no.pt'), new Map([['a', {dtype: 'uint32', shape: [1], data: Uint32Array.of(1)}]])),
    )

    expect([error.code, error.exit]).toEqual(['E_TENSOR', 2])
  })
})

const orderedDictOf = (entries: Readonly<Record<string, Uint8Array>>) =>
  op.raw(
    orderedDict,
    op.mark,
    ...Object.entries(entries).flatMap(([name, value]) => [op.text(name), value]),
    op.setItems,
    dictOf({_metadata: orderedDict}),
    op.build,
  )
