import {readAndScan} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {legacy} from './build-legacy.ts'
import {call, dictOf, ints, op, orderedDict, pickle, storage, tensor, tupleOf} from './build-pickle.ts'
import {floats, torchEntries, zip} from './build-zip.ts'
import {refusal, rules, scratch, values} from './scratch.ts'

const {read, write} = scratch()
const one = tensor({count: 2, size: [2], stride: [1]})
const withValue = (object: Uint8Array) =>
  read('model.pt', zip(torchEntries(pickle(dictOf({w: one, x: object})), {0: floats(1, 2), 1: floats(8, 9)})))
const array = (type: string) => {
  const at = type.lastIndexOf('.')
  return call(
    'numpy._core.multiarray',
    '_reconstruct',
    op.global(type.slice(0, at), type.slice(at + 1)),
    ints(0),
    op.bytes(Buffer.from('b')),
  )
}

// Each as torch.save of PyTorch 2.15 writes it, with NumPy 2.4, and paths with Python 3.13.
describe('what honest checkpoints hold beside weights', () => {
  it.each([
    ['a matrix', array('numpy.matrix')],
    ['a matrix of an old NumPy', array('numpy.matrixlib.defmatrix.matrix')],
    ['an array of records', array('numpy.rec.recarray')],
    ['the type of a record', call('numpy', 'dtype', op.global('numpy', 'record'), op.false, op.true)],
    [
      'a masked array',
      call(
        'numpy.ma.core',
        '_mareconstruct',
        op.global('numpy.ma', 'MaskedArray'),
        op.global('numpy', 'ndarray'),
        ints(0),
        op.text('b'),
      ),
    ],
    ['a path of Python 3.13', call('pathlib._local', 'PosixPath', op.text('runs'), op.text('1'))],
    ["a data loader's generator", call('torch._C', 'Generator', call('torch', 'device', op.text('cpu')))],
    [
      'a factory of numbers, as protocol 2 names it',
      call('collections', 'defaultdict', op.global('__builtin__', 'long')),
    ],
    ['a factory of texts', call('collections', 'defaultdict', op.global('__builtin__', 'unicode'))],
    ['a range', call('__builtin__', 'xrange', op.int(0), op.int(9), op.int(1))],
    ['a factory of tensors', call('collections', 'defaultdict', op.global('torch', 'FloatTensor'))],
    [
      'a state dict with attributes',
      op.raw(
        orderedDict,
        dictOf({device: call('torch', 'device', op.text('cpu')), dtype: op.global('torch', 'float16')}),
        op.build,
      ),
    ],
  ])('is no finding: %s', async (_, object) => {
    const model = await withValue(object)

    expect(model.scan).toEqual([])
    expect(values(model, 'w')).toEqual([1, 2])
  })

  it.each(['bits8', 'bits4x2', 'quint4x2', 'bcomplex32'])(
    'is refused for its kind alone, not as a danger, where it is a tensor of %s',
    async (dtype) => {
      const error = await refusal(
        withValue(
          call(
            'torch._utils',
            '_rebuild_tensor_v3',
            storage('UntypedStorage', '1', 8),
            op.int(0),
            ints(2),
            ints(1),
            op.false,
            orderedDict,
            op.global('torch', dtype),
          ),
        ),
      )

      expect(error.code).toBe('E_DTYPE')
      expect(error.message).toContain(`'${dtype}'`)
    },
  )

  it('is a class to review, no call, where it is a tensor of a subclass without numbers of its own', async () => {
    const args = tupleOf(op.global('my_tools', 'Packed'), op.global('torch', 'float32'), ints(2), ints(1))
    const wrapped = op.raw(op.global('torch._utils', '_rebuild_wrapper_subclass'), args, op.reduce)
    const model = await read(
      'model.pt',
      zip(torchEntries(pickle(dictOf({net: dictOf({w: one}), wrapped})), {0: floats(1, 2)})),
    )

    expect(rules(model)).toEqual(['ABD-F003 medium'])
  })

  it('but not what could be called', async () => {
    for (const type of [
      op.global('torch', 'load'),
      op.global('numpy', 'vectorize'),
      op.global('torch', 'compile'),
    ])
      expect(rules(await withValue(call('collections', 'defaultdict', type)))).toContain('ABD-F001 critical')
  })
})

describe('a state dict that pickle.dump wrote', () => {
  const inner = legacy(storage('FloatStorage', '7', 2), [{key: '7', count: 2, bytes: floats(1, 2)}])
  const nested = call(
    'torch._utils',
    '_rebuild_tensor_v2',
    call('torch.storage', '_load_from_bytes', op.bytes(inner)),
    op.int(0),
    ints(2),
    ints(1),
    op.false,
    orderedDict,
  )
  const stateDict = dictOf(Object.fromEntries(Array.from({length: 40}, (_, i) => [`w${i}`, nested])))

  it('is for review, and is not taken for a broken one', async () => {
    const file = await readAndScan(await write('model.pkl', pickle(stateDict)))

    expect(new Set(file.scan.map(({rule}) => rule))).toEqual(new Set(['ABD-F010']))
    expect(file.refusal?.code).toBe('E_FORMAT_UNSUPPORTED')
    expect(file.refusal?.hints.join(' ')).toContain('torch.save(model.state_dict(), path)')
  })

  it('is refused by the kind of its tensors where it stands beside others', async () => {
    const error = await refusal(withValue(nested))

    expect(error.code).toBe('E_DTYPE')
    expect(error.message).toContain("'x'")
  })

  it('is limited in how often it can be loaded', async () => {
    const again = op.raw(
      op.global('torch.storage', '_load_from_bytes'),
      op.get(1),
      op.tuple1,
      op.reduce,
      op.pop,
    )
    const long = op.bytes(legacy(op.raw(op.bytes(Buffer.alloc(2 ** 20)), op.pop, op.none)))
    const loads = pickle(long, op.put(1), op.pop, ...Array.from({length: 1000}, () => again), op.none)
    const error = await refusal(read('model.pkl', loads))

    expect(error.message).toContain('or as much work')
  })
})
