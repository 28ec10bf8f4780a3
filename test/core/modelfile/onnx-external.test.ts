import {writeFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {refusal, rules, scratch} from './scratch.ts'

const {path, read} = scratch()

/** Protobuf: a whole number, and what has a length. */
const number = (field: number, value: number) => Buffer.of(field << 3, value)
const bytes = (field: number, ...parts: (string | Uint8Array)[]) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
  const [low, middle, high] = [body.length & 127, (body.length >> 7) & 127, body.length >> 14]
  const length = high > 0 ? [low | 128, middle | 128, high] : middle > 0 ? [low | 128, middle] : [low]
  return Buffer.concat([Buffer.of((field << 3) | 2, ...length), body])
}
const node = (op: string, inputs: string[], output: string) =>
  bytes(1, ...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(4, op))
const entry = (key: string, value: string) => bytes(13, bytes(1, key), bytes(2, value))
const value = (field: number, name: string, shape: number[]) => {
  const dims = shape.map((size) => bytes(1, number(1, size)))
  return bytes(field, bytes(1, name), bytes(2, bytes(1, number(1, 1), bytes(2, ...dims))))
}

/** x [1, 1, 1, 2], flattened, times a matrix [2, 2] that lies in another file. */
const model = (location: string, offset = '0', length = '16', first: readonly Buffer[] = []) => {
  const weight = bytes(
    5,
    number(1, 2),
    number(1, 2),
    number(2, 1),
    bytes(8, 'w'),
    entry('location', location),
    entry('offset', offset),
    entry('length', length),
    number(14, 1),
  )
  const graph = bytes(
    7,
    ...first,
    node('Flatten', ['x'], 'flat'),
    node('MatMul', ['flat', 'w'], 'y'),
    weight,
    value(11, 'x', [1, 1, 1, 2]),
    value(12, 'y', [1, 2]),
  )
  return Buffer.concat([number(1, 8), graph, bytes(8, number(2, 13))])
}

describe('ONNX weights in other files', () => {
  it('are read from a file beside the model', async () => {
    await writeFile(path('w.bin'), new Uint8Array(Float32Array.of(0, 1, 2, 3, 4).buffer))
    const file = await read('model.onnx', model('w.bin', '4'))

    expect(file.scan).toEqual([])
    expect([...file.stateDict.get('w')!.data]).toEqual([1, 2, 3, 4])
    // The model's 140-odd bytes and the 20 of the weights.
    expect(file.bytes).toBe(model('w.bin', '4').length + 20)
  })

  it.each([
    '../w.bin',
    '/etc/passwd',
    'a/w.bin',
    'https://example.org/w.bin',
    '..',
    '.hidden',
    'a\\w.bin',
    '',
  ])("are not looked for elsewhere: '%s'", async (location) => {
    const file = await read('model.onnx', model(location))

    expect(rules(file)).toEqual(['ABD-F050 high'])
    expect(file.stateDict.size).toBe(0)
  })

  it('are found behind however many harmless findings', async () => {
    const custom = Array.from({length: 300}, (_, i) => {
      const own = [bytes(1, 'x'), bytes(2, `c${i}`), bytes(4, `Mine${i}`), bytes(7, 'my.domain')]
      return bytes(1, ...own)
    })
    const {scan} = await read('model.onnx', model('../w.bin', '0', '16', custom))

    expect(scan[0]!.rule).toBe('ABD-F050')
    const [first] = scan.filter(({rule}) => rule === 'ABD-F054')
    expect(first).toMatchObject({
      severity: 'medium',
      message: "operator my.domain.Mine0 of the domain 'my.domain'",
    })
    // A hundred of each severity, and a word on the rest.
    expect(scan.filter(({severity}) => severity === 'medium')).toHaveLength(100)
    expect(scan.filter(({rule}) => rule === 'ABD-F062')).toHaveLength(1)
  })

  it.each([
    ['that is not there', model('none.bin'), 'E_FILE_MISSING'],
    ['that is too short', model('short.bin'), 'E_FILE_TRUNCATED'],
    ['at a place before its beginning', model('short.bin', '-4'), 'E_ONNX'],
    ['of another length than the shape says', model('short.bin', '0', '4'), 'E_ONNX'],
  ])('are an error in a file %s', async (_, file, code) => {
    await writeFile(path('short.bin'), new Uint8Array(8))

    expect((await refusal(read('model.onnx', file))).code).toBe(code)
  })
})
