import {isDangerous} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {legacy} from './build-legacy.ts'
import {call, dictOf, ints, op, orderedDict, pickle, storage, tensor, tupleOf} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {refusal, rules, scratch, values} from './scratch.ts'

const {read} = scratch()
const torch = (object: Uint8Array) =>
  read('model.pt', zip(torchEntries(pickle(object), {0: floats(1, 2), 1: floats(8, 9)})))
const one = tensor({count: 2, size: [2], stride: [1]})
const other = tensor({key: '1', count: 2, size: [2], stride: [1]})
/** A function of a module that nobody knows: only that it is called tells that it is dangerous. */
const unknown = op.global('my_tools', 'run')
const withState = (target: Uint8Array, ...states: Uint8Array[]) =>
  op.raw(target, ...states.flatMap((state) => [state, op.build]))
/** A dict of a key that is a text to Python, and was bytes in the file. */
const byText = (key: string, value: Uint8Array) =>
  op.raw(
    op.emptyDict,
    call('builtins', 'str', op.bytes(Buffer.from(key)), op.text('ascii')),
    value,
    op.setItem,
  )
const list = (...items: Uint8Array[]) => op.raw(op.mark, ...items, op.appends)
const rebuild = (hooks: Uint8Array) =>
  call(
    'torch._utils',
    '_rebuild_tensor_v2',
    storage('FloatStorage', '0', 2),
    op.int(0),
    ints(2),
    ints(1),
    op.false,
    hooks,
  )
const fromType = (type: Uint8Array, state: Uint8Array) =>
  call(
    'torch._tensor',
    '_rebuild_from_type_v2',
    op.global('torch._utils', '_rebuild_parameter'),
    type,
    tupleOf(one, op.true, orderedDict),
    state,
  )

// Each was run with PyTorch 2.15 (weights_only=False), or follows from Python's own pickle.py.
describe('a function that a pickle has called without calling it', () => {
  it.each([
    ['__setstate__ of a dict', withState(orderedDict, dictOf({__setstate__: unknown}), op.text('x'))],
    [
      'extend of an object, by APPENDS',
      op.raw(withState(call('argparse', 'Namespace'), dictOf({extend: unknown})), list(op.text('x'))),
    ],
    [
      'append of an object, set as by a class with slots',
      withState(call('argparse', 'Namespace'), tupleOf(op.none, dictOf({append: unknown}))),
    ],
    [
      'append of an object, by a text of bytes',
      withState(call('argparse', 'Namespace'), byText('append', unknown)),
    ],
    ['a method of the dict that is loaded', withState(orderedDict, dictOf({items: unknown}))],
    ['a factory of missing values', call('collections', 'defaultdict', unknown)],
    ['a hook of a gradient', rebuild(dictOf({0: unknown}))],
    [
      'a hook that is added after the tensor is made',
      op.raw(
        op.emptyDict,
        op.put(7),
        op.pop,
        rebuild(op.get(7)),
        op.pop,
        op.get(7),
        op.text('0'),
        unknown,
        op.setItem,
      ),
    ],
    ['a hook in the state of a tensor', fromType(op.none, dictOf({_backward_hooks: dictOf({0: unknown})}))],
    [
      'the base of a class',
      call('copyreg', '_reconstructor', op.global('argparse', 'Namespace'), unknown, op.none),
    ],
    ['the class of a tensor', fromType(op.none, dictOf({__class__: unknown}))],
  ])('is dangerous: %s', async (_, object) => {
    const model = await torch(dictOf({w: one, x: object}))

    expect(rules(model)).toContain('ABD-F002 high')
    expect(model.scan.find(({rule}) => rule === 'ABD-F002')!.message).toContain('my_tools.run')
    expect(isDangerous(model.scan)).toBe(true)
  })

  it.each([
    ['of a tensor', fromType(op.global('my_tools', 'Tensor'), op.none)],
    [
      'of an array',
      call(
        'numpy.core.multiarray',
        '_reconstruct',
        op.global('my_tools', 'Array'),
        ints(0),
        op.bytes(Buffer.from('b')),
      ),
    ],
  ])('counts as an object where it is a class %s', async (_, object) => {
    expect(rules(await torch(dictOf({w: one, x: object})))).toEqual(['ABD-F003 medium'])
  })

  it('is none where it is harmless', async () => {
    const model = await torch(
      dictOf({
        w: fromType(op.global('torch', 'Tensor'), dictOf({note: op.text('x'), extend: op.text('y')})),
        counts: call('collections', 'defaultdict', op.global('builtins', 'int')),
        args: withState(call('argparse', 'Namespace'), dictOf({append: op.true})),
        meta: withState(orderedDict, dictOf({_metadata: dictOf({version: op.int(1)})})),
        random: call(
          'numpy.random._pickle',
          '__bit_generator_ctor',
          op.global('numpy.random._mt19937', 'MT19937'),
        ),
        seeds: call(
          'numpy.random.bit_generator',
          '__pyx_unpickle_SeedSequence',
          op.global('numpy.random.bit_generator', 'SeedSequence'),
          op.int(65708578),
          op.none,
        ),
      }),
    )

    expect(model.scan).toEqual([])
    expect(values(model, 'w')).toEqual([1, 2])
  })
})

describe('a tensor that PyTorch would load with other numbers than those that are looked at', () => {
  const state = tupleOf(storage('FloatStorage', '1', 2), op.int(0), ints(2), ints(1))
  it.each([
    ['a tensor with a state', withState(one, state), 'given a state'],
    [
      'a storage with a state',
      call(
        'torch._utils',
        '_rebuild_tensor_v2',
        withState(
          storage('FloatStorage', '0', 2),
          dictOf({_untyped_storage: storage('FloatStorage', '1', 2)}),
        ),
        op.int(0),
        ints(2),
        ints(1),
      ),
      'given a state',
    ],
    ['the data of a tensor', fromType(op.none, dictOf({data: other})), "other numbers, as its 'data'"],
    [
      'the data of a tensor, by a text of bytes',
      fromType(op.none, byText('data', other)),
      'an attribute whose name is an object of builtins.str',
    ],
    [
      'the data of a parameter',
      call('torch._utils', '_rebuild_parameter_with_state', one, op.true, orderedDict, dictOf({data: other})),
      "other numbers, as its 'data'",
    ],
  ])('is refused: %s', async (_, object, said) => {
    const error = await refusal(torch(dictOf({w: object})))

    expect([error.code, error.exit]).toEqual(['E_PICKLE', 4])
    expect(error.message).toContain(said)
  })
})

describe('a storage of two types', () => {
  it('may be one of nothing', async () => {
    const empty = (type: string) => tensor({type, key: '1', count: 0, size: [0], stride: [1]})
    const model = await torch(dictOf({w: one, x: empty('FloatStorage'), y: empty('LongStorage')}))

    expect(values(model, 'w')).toEqual([1, 2])
  })

  it('is refused: PyTorch takes the first for both, or not, by its version', async () => {
    const half = tensor({type: 'HalfStorage', count: 2, size: [2], stride: [1]})
    const object = dictOf({v: one, w: half})
    const errors = [
      await refusal(torch(object)),
      await refusal(read('old.pth', legacy(object, [{key: '0', count: 2, bytes: floats(1, 2)}]))),
    ]

    for (const error of errors)
      expect(`${error.code} ${error.message}`).toMatch(/E_PICKLE .*'0' is both FloatStorage and HalfStorage/)
  })
})

describe('a tensor whose numbers are changed by its metadata', () => {
  const args = [storage('FloatStorage', '0', 2), op.int(0), ints(2), ints(1), op.false, orderedDict]
  const version2 = (metadata: Uint8Array) => call('torch._utils', '_rebuild_tensor_v2', ...args, metadata)
  const version3 = (metadata: Uint8Array) =>
    call('torch._utils', '_rebuild_tensor_v3', ...args, op.global('torch', 'float32'), metadata)

  // PyTorch loads -1 and -2, with weights_only=True too.
  it.each([version2, version3])('is refused', async (rebuilt) => {
    const error = await refusal(torch(dictOf({v: one, w: rebuilt(dictOf({neg: op.true}))})))

    expect(error.code).toBe('E_DTYPE')
    expect(error.message).toContain("'w' is of a kind that abd does not read")
  })

  it('is read where that is empty', async () => {
    expect(values(await torch(dictOf({w: version2(op.emptyDict)})), 'w')).toEqual([1, 2])
    expect(values(await torch(dictOf({w: version2(op.none)})), 'w')).toEqual([1, 2])
  })
})

describe('a key that Python takes for another', () => {
  const numpyText = (bytes: Uint8Array, order: string) => {
    const dtype = call('numpy', 'dtype', op.text('U1'), op.false, op.true)
    const state = tupleOf(op.int(3), op.text(order), op.none)
    return call('numpy._core.multiarray', 'scalar', withState(dtype, state), op.bytes(bytes))
  }
  /** PyTorch loads the second. */
  const both = (key: Uint8Array) => op.raw(op.emptyDict, op.mark, op.text('w'), one, key, other, op.setItems)

  it("is that text where it is NumPy's: its tensor is the one that is looked at", async () => {
    const little = numpyText(Buffer.from('w\0\0\0'), '<')
    const big = numpyText(Buffer.from('\0\0\0w'), '>')

    expect(values(await torch(both(little)), 'w')).toEqual([8, 9])
    expect(values(await torch(both(big)), 'w')).toEqual([8, 9])
  })

  it.each([
    ['a text of bytes', call('builtins', 'str', op.bytes(Buffer.from('w')), op.text('ascii'))],
    [
      'a text made without its making',
      call(
        'copyreg',
        '_reconstructor',
        op.global('builtins', 'str'),
        op.global('builtins', 'str'),
        op.text('w'),
      ),
    ],
    [
      'a text in an array',
      call('numpy._core.multiarray', 'scalar', call('numpy', 'dtype', op.text('O')), op.text('w')),
    ],
    ['an object of a library', call('lightning.fabric.utilities.enums', 'LightningEnum', op.text('w'))],
  ])('is refused else: %s', async (_, key) => {
    for (const object of [both(key), dictOf({net: both(key)})]) {
      const error = await refusal(torch(object))

      expect(error.code).toBe('E_PICKLE')
      expect(error.message).toContain('a key that is no text, but an object of')
    }
    const wrapped = op.raw(
      op.emptyDict,
      op.mark,
      op.text('net'),
      dictOf({w: one}),
      key,
      dictOf({w: other}),
      op.setItems,
    )
    expect((await refusal(torch(wrapped))).code).toBe('E_PICKLE')
  })

  it('is of no account where it is a number, or holds no weights', async () => {
    const device = call('torch', 'device', op.text('cpu'))
    const model = await torch(
      op.raw(op.emptyDict, op.mark, op.text('w'), one, op.int(1), other, device, op.none, op.setItems),
    )

    expect(values(model, 'w')).toEqual([1, 2])
    expect(model.scan).toEqual([])
  })
})

describe('numbers of a tensor that Python would find in something else', () => {
  const tensorOf = (offset: Uint8Array, size: Uint8Array, stride: Uint8Array) =>
    call('torch._utils', '_rebuild_tensor_v2', storage('FloatStorage', '0', 2), offset, size, stride)
  const hidden = op.bytes(Buffer.from([1, 1]))

  it.each([
    ['a text', tensorOf(call('builtins', 'int', op.text('1')), ints(1), ints(1))],
    ['a fraction', tensorOf(call('builtins', 'int', op.float(1.5)), ints(1), ints(1))],
    ['bytes', tensorOf(op.int(1), call('builtins', 'tuple', hidden), call('builtins', 'list', hidden))],
    [
      'a set, which has an order of its own',
      tensorOf(op.int(0), call('builtins', 'tuple', call('builtins', 'set', ints(2, 1))), ints(1, 1)),
    ],
  ])('are refused: %s', async (_, w) => {
    expect((await refusal(torch(dictOf({w})))).message).toMatch(/a tensor's (offset|size) (holds|is)/)
  })
})

describe('work that a pickle asks for', () => {
  it('is limited: a list cannot be copied without end', async () => {
    const long = op.raw(
      op.emptyList,
      op.mark,
      ...Array.from({length: 5000}, () => op.none),
      op.appends,
      op.put(1),
      op.pop,
    )
    const copy = op.raw(call('builtins', 'list', op.get(1)), op.pop)
    const error = await refusal(torch(op.raw(long, ...Array.from({length: 1000}, () => copy), op.none)))

    expect(error.message).toContain('more than 2000000 instructions, or as much work')
  })
})
