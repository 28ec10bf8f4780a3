import {readModelFile, type ReadModelFileOptions} from '@abd/core/modelfile'
import fc from 'fast-check'
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {truncate, writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {beforeAll, describe, expect, it} from 'vitest'
import {allFiniteBits} from '../../../src/modelfile/non-finite.ts'
import {createCheckedMemory} from '../../../src/modelfile/pass/checked-memory.ts'
import {createHasher} from '../../../src/modelfile/pass/hasher.ts'
import {createRing} from '../../../src/modelfile/pass/ring.ts'
import {SLOT_BYTES} from '../../../src/modelfile/pass/slots.ts'
import {refusal, scratch} from './scratch.ts'

const {write} = scratch()

/** Larger than the ring, and than what is hashed without a thread; no multiple of a block. */
const FLOATS = 8_500_003
const here = {isolate: false} satisfies ReadModelFileOptions

/** A safetensors file of one tensor `w`, whose data begin `shift` bytes beyond a multiple of eight. */
function file(values: Float32Array, shift = 0): Buffer {
  const json = JSON.stringify({
    w: {dtype: 'F32', shape: [values.length], data_offsets: [0, 4 * values.length]},
  })
  const header = json.padEnd(Math.ceil(json.length / 8) * 8 + shift)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([
    length,
    Buffer.from(header),
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  ])
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('the one pass over a large file', () => {
  let values: Float32Array
  beforeAll(() => {
    values = Float32Array.from({length: FLOATS}, (_, i) => i)
  })

  it.each([0, 1, 4])(
    'loads and hashes the same bytes, with data %i bytes beyond a multiple of eight',
    async (shift) => {
      const bytes = file(values, shift)
      const path = await write('large.safetensors', bytes)
      const model = await readModelFile(path, here)

      expect(model.sha256).toBe(sha256(bytes))
      expect(model.nonFinite).toEqual([])
      const {data} = model.stateDict.get('w')!
      expect(sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))).toBe(
        sha256(new Uint8Array(values.buffer)),
      )
    },
  )

  // The first, within a block, about where a block ends and the ring begins anew, and the last, which no 16 bytes hold whole.
  it.each([0, 1000, 262_100, 4_194_290, FLOATS - 1])(
    'finds what is not finite at value %i',
    async (place) => {
      const [odd, one] = [values.slice(), values.slice()]
      odd.fill(NaN, place, place + 20)
      one[place] = -Infinity

      expect((await readModelFile(await write('odd.safetensors', file(odd)), here)).nonFinite).toEqual([
        {tensor: 'w', count: Math.min(20, FLOATS - place)},
      ])
      expect((await readModelFile(await write('one.safetensors', file(one)), here)).nonFinite).toEqual([
        {tensor: 'w', count: 1},
      ])
    },
  )

  it('does without a thread where none may be started', async () => {
    const bytes = file(values)
    const path = await write('large.safetensors', bytes)
    const script = `
      import {readModelFile} from '@abd/core/modelfile'
      const {sha256} = await readModelFile(process.argv[1], {isolate: false})
      console.log(process.permission.has('worker'), sha256)`
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    const {stdout, stderr} = spawnSync(
      process.execPath,
      [
        '--permission',
        '--allow-fs-read=*',
        '--conditions=@abd/source',
        '--input-type=module',
        '--eval',
        script,
        path,
      ],
      {encoding: 'utf8', cwd: root},
    )

    expect(stdout, stderr).toBe(`false ${sha256(bytes)}\n`)
  })

  it('says so when the file gets shorter, and ends', async () => {
    const path = await write('large.safetensors', file(values))
    const reading = refusal(readModelFile(path, {isolate: true}))
    await truncate(path, 4 * FLOATS - 100_000)

    expect((await reading).code).toMatch(/^E_FILE_(CHANGED|TRUNCATED)$/)
  })

  it('ends when it is told to', async () => {
    const path = await write('large.safetensors', file(values))
    const controller = new AbortController()
    const reading = readModelFile(path, {...here, signal: controller.signal})
    setTimeout(() => controller.abort(new Error('enough')), 5)

    await expect(reading).rejects.toThrow('enough')
    // The handle is closed, the thread gone: the file can be replaced and read again.
    await writeFile(path, file(values.subarray(0, 10)))
    expect((await readModelFile(path, here)).stateDict.get('w')!.shape).toEqual([10])
  })
})

describe('the thread that hashes', () => {
  it('takes what is filled by itself, and gives the hash', async () => {
    const bytes = 2 ** 25
    const ring = createRing(bytes)
    ring.bytes.fill(7)
    const hasher = await createHasher(ring, bytes)
    for (let blocks = 0; blocks < bytes / SLOT_BYTES; blocks++) {
      expect(hasher.taken()).toBe(blocks)
      hasher.filled(blocks + 1)
      while (hasher.taken() === blocks) await hasher.more(blocks)
    }

    expect(await hasher.digest()).toBe(sha256(Buffer.alloc(bytes, 7)))
    await hasher.end()
  })
})

describe('memory that knows whether its values are finite', () => {
  it('says what is said value by value', () => {
    const memory = createCheckedMemory(65_536)
    const bits = new Int32Array(memory.buffer)
    fc.assert(
      fc.property(
        fc.uint8Array({minLength: 0, maxLength: 40}).map((bytes) => bytes.slice(0, bytes.length & ~15)),
        fc.nat(1000),
        (bytes, at) => {
          new Uint8Array(memory.buffer).set(bytes, at)
          const copy = bytes.slice()

          expect(memory.allFinite(at, at + bytes.length)).toBe(allFiniteBits(new Int32Array(copy.buffer)))
        },
      ),
    )
    const odd = [0x7f80_0000, 0x7fc0_0000, -0x80_0000, 0x7f80_0001]
    for (const [lane, word] of odd.entries()) {
      bits.fill(0x7f7f_ffff, 0, 64)
      expect(memory.allFinite(0, 256)).toBe(true)
      bits[32 + lane] = word
      expect(memory.allFinite(0, 256)).toBe(false)
      expect(memory.allFinite(0, 128)).toBe(true)
    }
  })
})
