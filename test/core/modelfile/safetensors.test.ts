import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {readModelFile, writeSafetensors, type StateDict} from '@abd/core/modelfile'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {duplicateKey} from '../../../src/modelfile/safetensors/duplicate-key.ts'
import {floats} from './build-zip.ts'
import {refusal, rules, scratch, values} from './scratch.ts'

const {path, read, write} = scratch()
const official = fileURLToPath(new URL('../../fixtures/modelfile/official.safetensors', import.meta.url))

const file = (header: unknown, data: Uint8Array = new Uint8Array()): Buffer => {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, data])
}
const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

describe('reading safetensors', () => {
  it('reports program text in its metadata, at the byte where the header begins', async () => {
    const model = await read(
      'code.safetensors',
      file({__metadata__: {note: "__import__('os').system('id')"}}),
    )

    expect(model.scan).toMatchObject([{rule: 'ABD-F043', severity: 'high', offset: 8}])
  })

  it('reads what the safetensors package writes, in every dtype', async () => {
    const model = await readModelFile(official)

    expect(model.format).toBe('safetensors')
    expect(model.scan).toEqual([])
    expect(model.metadata).toEqual({format: 'np', note: 'written by the safetensors package'})
    const found = Object.fromEntries(
      [...model.stateDict].map(([name, {dtype, shape}]) => [name, [dtype, shape, values(model, name)]]),
    )
    expect(found).toEqual({
      'layer.weight': ['float32', [2, 3], [1.5, -2.25, 3, Math.fround(0.1), Math.fround(0.001), 65504]],
      half: ['float16', [4], [1.5, -0.333251953125, 65504, 2 ** -24]],
      // 3e38 between the multiples of 2^120: 226 * 2^120 is the nearest.
      brain: ['bfloat16', [3], [1.5, -0.333984375, 226 * 2 ** 120]],
      double: ['float64', [1], [Math.PI]],
      batches: ['int64', [], [9007199254740992]],
      mask: ['bool', [3], [1, 0, 1]],
      bytes: ['uint8', [3], [0, 127, 255]],
      signed: ['int8', [2], [-128, 127]],
      small: ['int16', [1], [-32768]],
      medium: ['int32', [2], [-2147483648, 7]],
      empty: ['float32', [0, 3], []],
    })
    // 2^53 + 1 is no number of JavaScript's, but it is in the tensor.
    expect(model.stateDict.get('batches')!.data[0]).toBe(9007199254740993n)
  })

  it('hashes the whole file', async () => {
    const model = await read('hash.safetensors', file({a: entry(0, 4)}, floats(1)))
    const {createHash} = await import('node:crypto')

    expect(model.sha256).toBe(
      createHash('sha256')
        .update(await readFile(model.path))
        .digest('hex'),
    )
    expect(model.bytes).toBe(8 + JSON.stringify({a: entry(0, 4)}).length + 4)
  })

  it('takes the tensors below a key', async () => {
    const bytes = file({'net.module.a': entry(0, 4), b: entry(4, 8)}, floats(1, 2))

    expect([...(await read('key.safetensors', bytes, {key: 'net'})).stateDict.keys()]).toEqual(['a'])
    const error = await refusal(read('key.safetensors', bytes, {key: 'nett'}))
    expect([error.code, error.exit]).toEqual(['E_KEY_UNKNOWN', 2])
    expect(error.hints.join(' ')).toContain('--key net?')
  })

  it('reports bytes that no tensor owns, between tensors and after them', async () => {
    const bytes = file({a: entry(0, 4), b: entry(8, 12)}, floats(1, 2, 3, 4))
    const model = await read('holes.safetensors', bytes)

    expect(rules(model)).toEqual(['ABD-F040 medium', 'ABD-F040 medium'])
    const dataStart = bytes.length - 16
    expect(model.scan.map(({offset}) => offset)).toEqual([dataStart + 4, dataStart + 12])
    expect(values(model, 'b')).toEqual([3])
  })

  it.each([
    ['a header that is no JSON', file('{oops'), 'E_SAFETENSORS', 'not JSON'],
    [
      'a header that is no UTF-8',
      file(Buffer.from([0x7b, 0xff]).toString('latin1')),
      'E_SAFETENSORS',
      'not JSON',
    ],
    [
      'a list for a header',
      Buffer.concat([file('{}').subarray(0, 8), Buffer.from('[]')]),
      'E_SAFETENSORS',
      'not a JSON object',
    ],
    [
      'a tensor that is named twice',
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        floats(1),
      ),
      'E_SAFETENSORS',
      "'a' twice",
    ],
    [
      'tensors that overlap',
      file({a: entry(0, 8), b: entry(4, 12)}, floats(1, 2, 3)),
      'E_SAFETENSORS',
      "'b' overlaps",
    ],
    ['offsets behind the end', file({a: entry(0, 8)}, floats(1)), 'E_FILE_TRUNCATED', 'ends too early'],
    [
      'offsets that run backwards',
      file({a: {dtype: 'F32', shape: [1], data_offsets: [4, 0]}}, floats(1)),
      'E_SAFETENSORS',
      'do not hold',
    ],
    [
      'a shape that is larger than its bytes',
      file({a: entry(0, 4, [2])}, floats(1)),
      'E_SAFETENSORS',
      '(8 bytes)',
    ],
    [
      'a shape beyond all numbers',
      file({a: entry(0, 4, [2 ** 53 - 1, 2 ** 53 - 1])}, floats(1)),
      'E_SAFETENSORS',
      'do not hold',
    ],
    ['a negative size', file({a: entry(0, 4, [-1])}, floats(1)), 'E_SAFETENSORS', 'shape.0'],
    ['a dtype that nobody knows', file({a: entry(0, 4, [4], 'F7')}, floats(1)), 'E_DTYPE', "'F7'"],
    [
      'a dtype named like a method',
      file({a: entry(0, 4, [4], 'constructor')}, floats(1)),
      'E_DTYPE',
      "'constructor'",
    ],
    [
      'an entry with further fields',
      file({a: {...entry(0, 4), run: 'x'}}, floats(1)),
      'E_SAFETENSORS',
      'run',
    ],
    ['metadata that is no text', file({__metadata__: {a: 1}}), 'E_SAFETENSORS', '__metadata__'],
    [
      'too many dimensions',
      file({a: entry(0, 4, Array<number>(33).fill(1))}, floats(1)),
      'E_SAFETENSORS',
      '33 dimensions',
    ],
  ])('refuses %s', async (_, bytes, code, said) => {
    const error = await refusal(read('bad.safetensors', bytes))

    expect([error.code, error.exit]).toEqual([code, 4])
    expect(error.message).toContain(said)
    expect(error.message).toContain('bad.safetensors')
    expect(error.hints).not.toEqual([])
  })

  it('refuses files that break off in the length, in the header and in the data', async () => {
    const whole = file({a: entry(0, 8)}, floats(1, 2))

    for (const length of [3, 8, 12, whole.length - 1])
      expect((await refusal(read('cut.safetensors', whole.subarray(0, length)))).code).toBe(
        'E_FILE_TRUNCATED',
      )
  })

  it('refuses a header that is longer than the format allows before it reads it', async () => {
    const bytes = Buffer.concat([Buffer.alloc(8, 0xff), Buffer.from('{}')])

    expect((await refusal(read('long.safetensors', bytes))).message).toContain('the limit is 100000000')
  })
})

describe('duplicate keys', () => {
  it('finds them at any depth, also when they are spelled differently', () => {
    expect(duplicateKey('{"a": {"b": 1, "c": {"b": 1}, "\\u0062": 2}}')).toBe('b')
    expect(duplicateKey('{"a\\"": 1, "a\\\\": 1, "a": ["a", {"a": 1}, {"a": 1}], "{": "}"}')).toBeUndefined()
  })
})

it('has no trouble with a long string in the header', () => {
  expect(
    duplicateKey(`{"a": "${'x'.repeat(12_000_000)}", "b": "${'\\\\n'.repeat(6_000_000)}", "b": 1}`),
  ).toBe('b')
})

describe('writing safetensors', () => {
  const tensors: StateDict = new Map([
    ['conv1.weight', {dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -2, 0.5, Math.fround(0.1))}],
    ['bn.num_batches_tracked', {dtype: 'int64', shape: [], data: BigInt64Array.of(12345678901234n)}],
    ['half', {dtype: 'float16', shape: [3], data: Float32Array.of(1, 2 ** -24, -65504)}],
    ['brain', {dtype: 'bfloat16', shape: [1], data: Float32Array.of(1.5)}],
    ['mask', {dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0)}],
    ['empty', {dtype: 'float32', shape: [0], data: new Float32Array()}],
  ])

  it('gives back what was written, in the same order, with its metadata', async () => {
    await writeSafetensors(path('out.safetensors'), tensors, {seed: '3'})
    const model = await readModelFile(path('out.safetensors'))

    expect([...model.stateDict]).toEqual([...tensors])
    expect(model.metadata).toEqual({seed: '3'})
    expect(model.scan).toEqual([])
  })

  it('writes any tensors so that they are read again', async () => {
    const shape = fc.array(fc.nat(4), {maxLength: 4})
    const tensor = shape.chain((sizes) =>
      fc
        .array(fc.float(), {minLength: product(sizes), maxLength: product(sizes)})
        .map((data) => ({dtype: 'float32', shape: sizes, data: Float32Array.from(data)})),
    )
    const name = fc
      .string({minLength: 1})
      .filter((text) => text !== '__metadata__' && !/^(module|_orig_mod)\./.test(text))
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, tensor), {selector: ([n]) => n, maxLength: 5}),
        async (pairs) => {
          await writeSafetensors(path('any.safetensors'), new Map(pairs))
          const {stateDict} = await readModelFile(path('any.safetensors'))
          expect(new Map(stateDict)).toEqual(new Map(pairs))
        },
      ),
      {numRuns: 30},
    )
  })

  it('keeps the old file when writing fails', async () => {
    const target = await write('old.safetensors', 'old')
    const wrong: StateDict = new Map([['a', {dtype: 'float32', shape: [3], data: Float32Array.of(1)}]])

    expect((await refusal(writeSafetensors(target, wrong))).message).toContain(
      'shape [3] takes 3 values, not 1',
    )
    expect(await readFile(target, 'utf8')).toBe('old')
  })

  it.each([
    ['a dtype that it does not know', {dtype: 'complex64', shape: [1], data: Float32Array.of(1)}],
    ['data of another kind than the dtype', {dtype: 'int64', shape: [1], data: Float64Array.of(1)}],
  ])('refuses %s', async (_, tensor) => {
    const error = await refusal(writeSafetensors(path('no.safetensors'), new Map([['a', tensor]])))

    expect([error.code, error.exit]).toEqual(['E_TENSOR', 2])
  })
})

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)
