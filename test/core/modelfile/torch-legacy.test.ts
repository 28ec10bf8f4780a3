import {fileURLToPath} from 'node:url'
import {readAndScan, readModelFile} from '@abd/core/modelfile'
import {describe, expect, it} from 'vitest'
import {legacy} from './build-legacy.ts'
import {dictOf, op, pickle, tensor, tupleOf} from './build-pickle.ts'
import {floats} from './build-zip.ts'
import {refusal, scratch, values} from './scratch.ts'

const {read, write} = scratch()
const fixture = (name: string) =>
  readModelFile(fileURLToPath(new URL(`../../fixtures/modelfile/third-party/${name}`, import.meta.url)))
const sum = (data: ArrayLike<number | bigint>) => Array.from(data, Number).reduce((a, b) => a + b, 0)

describe('published files from before PyTorch 1.6', () => {
  // Numbers: NumPy's, of the same bytes.
  it("facenet-pytorch's pnet.pt", async () => {
    const {stateDict, scan} = await fixture('facenet-pnet.pt')

    expect(scan).toEqual([])
    expect(stateDict.size).toBe(13)
    const weight = stateDict.get('conv1.weight')!
    expect(weight.shape).toEqual([10, 3, 3, 3])
    expect(Array.from(weight.data.slice(0, 3), Number)).toEqual([
      -0.08164715766906738, 0.8359154462814331, 1.246496558189392,
    ])
    expect(sum(weight.data)).toBeCloseTo(2.348767, 5)
    expect(sum(stateDict.get('conv4_2.bias')!.data)).toBeCloseTo(-0.094549, 5)
  })

  it.each([
    ['lpips-alex-v0.0.pth', 2.565887], // torch._utils._rebuild_tensor, the oldest form
    ['lpips-alex-v0.1.pth', 2.349532],
  ])('lpips: %s', async (name, expected) => {
    const {stateDict, scan} = await fixture(name)

    expect(scan).toEqual([])
    expect(stateDict.size).toBe(5)
    expect(sum(stateDict.get('lin0.model.1.weight')!.data)).toBeCloseTo(expected, 5)
  })
})

describe('legacy files', () => {
  const one = {key: '7', count: 3, bytes: floats(1, 2, 3)}

  it('hold several storages, shared and strided', async () => {
    const model = await read(
      'old.pth',
      legacy(
        dictOf({
          a: tensor({key: '7', count: 3, size: [3], stride: [1]}),
          b: tensor({key: '7', count: 3, offset: 1, size: [2], stride: [1]}),
          c: tensor({type: 'HalfStorage', key: '9', count: 2, size: [2], stride: [1]}),
        }),
        [{key: '9', count: 2, bytes: new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer)}, one],
      ),
    )

    expect([values(model, 'a'), values(model, 'b'), values(model, 'c')]).toEqual([
      [1, 2, 3],
      [2, 3],
      [1, -2],
    ])
    expect(model.scan).toEqual([])
  })

  const view = (key: string, begin: number) =>
    op.raw(
      tupleOf(
        op.text('storage'),
        op.global('torch', 'FloatStorage'),
        op.text('7'),
        op.text('cpu'),
        op.int(3),
        tupleOf(op.text(key), op.int(begin), op.int(2)),
      ),
      op.persid,
    )
  const viewed = (key: string, begin: number) =>
    op.raw(
      op.global('torch._utils', '_rebuild_tensor'),
      tupleOf(view(key, begin), op.int(0), tupleOf(op.int(2)), tupleOf(op.int(1))),
      op.reduce,
    )

  it('may name views of storages', async () => {
    const model = await read('old.pth', legacy(dictOf({w: viewed('8', 1), again: viewed('8', 1)}), [one]))

    expect(values(model, 'w')).toEqual([2, 3])
    expect(values(model, 'again')).toEqual([2, 3])
  })

  // What torch.save writes with pickle_protocol 0, 4 and 5: the magic number is another pickle then.
  it.each([
    ['0', Buffer.from('L119547037146038801333356L\n.')],
    ['4', Buffer.from('8004950d000000000000008a0a6cfc9c46f9206aa850192e', 'hex')],
    ['5', Buffer.from('8005950d000000000000008a0a6cfc9c46f9206aa850192e', 'hex')],
  ])('may begin with a pickle of protocol %s', async (_, magic) => {
    const usual = legacy(dictOf({w: tensor({key: '7', count: 3, size: [3], stride: [1]})}), [one])
    const model = await read('old.pth', Buffer.concat([magic, usual.subarray(15)]))

    expect(model.format).toBe('pytorch-legacy')
    expect(model.scan).toEqual([])
    expect(values(model, 'w')).toEqual([1, 2, 3])
  })

  // PyTorch would take the first for both, and so other numbers than those that are read here.
  it.each([
    ['two views of one key', {v: viewed('8', 0), w: viewed('8', 1)}, "have the key '8'"],
    ['a view of the key of its storage', {w: viewed('7', 1)}, "have the key '7'"],
  ])('may not have %s', async (_, object, said) => {
    const error = await refusal(read('old.pth', legacy(dictOf(object), [one])))

    expect(error.code).toBe('E_PICKLE')
    expect(error.message).toContain(said)
  })

  it('say where bytes hide behind the last storage', async () => {
    const w = tensor({key: '7', count: 3, size: [3], stride: [1]})
    const model = await read('old.pth', Buffer.concat([legacy(dictOf({w}), [one]), Buffer.alloc(5)]))

    expect(model.scan).toMatchObject([{rule: 'ABD-F008', severity: 'medium'}])
  })

  it.each([
    ['a storage that is cut off', {...one, bytes: floats(1)}, 'E_FILE_TRUNCATED', 'ends too early'],
    ['a count that is another', {...one, count: 4}, 'E_PICKLE', 'has 4 items, not 3'],
    ['a negative count', {...one, count: -1}, 'E_PICKLE', 'has -1 items'],
    ['a storage that nothing names', {...one, key: '8'}, 'E_PICKLE', 'that nothing in it names'],
  ])('are broken with %s', async (_, storage, code, said) => {
    const w = tensor({key: '7', count: 3, size: [3], stride: [1]})
    const error = await refusal(read('old.pth', legacy(dictOf({w}), [storage])))

    expect([error.code, error.exit]).toEqual([code, 4])
    expect(error.message).toContain(said)
  })

  it('without weights are refused with the way out', async () => {
    const error = await refusal(read('old.pth', legacy(op.int(3))))

    expect([error.code, error.exit]).toEqual(['E_NO_WEIGHTS', 4])
  })

  const whole = (module: string, name: string) => {
    const id = tupleOf(
      op.text('module'),
      op.global(module, name),
      op.text('net.py'),
      op.text('class Net: ...'),
    )
    return op.raw(id, op.persid, op.emptyTuple, op.newobj, dictOf({training: op.false}), op.build)
  }

  it('that are whole modules are refused with the way out, and their classes reported', async () => {
    const file = await write('whole.pth', legacy(whole('torch.nn.modules.linear', 'Linear')))
    const {scan} = await readAndScan(file)
    const error = await refusal(readModelFile(file))

    expect(scan).toMatchObject([
      {rule: 'ABD-F004', severity: 'low', message: 'builds objects of torch.nn.modules.linear.Linear'},
    ])
    expect([error.code, error.exit]).toEqual(['E_NO_WEIGHTS', 4])
    expect(error.hints[0]).toContain('torch.save(model.state_dict(), path)')
  })

  it('that name a function where a module keeps its class are judged by that function', async () => {
    const run = op.raw(
      tupleOf(op.text('module'), op.global('posix', 'system'), op.none, op.none),
      op.persid,
      tupleOf(op.text('id')),
      op.reduce,
    )
    const {scan} = await read('run.pth', legacy(run))

    expect(scan).toMatchObject([
      {rule: 'ABD-F001', message: 'names posix.system'},
      {rule: 'ABD-F001', severity: 'critical', message: "calls posix.system('id')"},
    ])
  })

  it('are read where their pickle is longer than what is read of it at first', async () => {
    const w = tensor({key: '7', count: 3, size: [3], stride: [1]})
    const note = op.text('n'.repeat(200_000))
    const model = await read('old.pth', legacy(dictOf({net: dictOf({w}), note}), [one]))

    expect(values(model, 'w')).toEqual([1, 2, 3])
    expect(pickle(note).length).toBeGreaterThan(200_000)
  })
})
