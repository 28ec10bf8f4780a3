import type {ImageShape} from '@abd/core'
import type {Images, Trigger} from '@abd/core/data'
import {decodeImage, stamp, writePng} from '@abd/core/data'
import {triggers} from '../../../plugins/attack/src/triggers/index.ts'
import {existsSync} from 'node:fs'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {shrink} from '../../../plugins/attack/src/triggers/picture-for.ts'

const shape = {height: 32, width: 32, channels: 3}

/** v[r, c, k] = (7 r + 5 c + 11 k) mod 256, as the golden values of the reference were computed on. */
const ramp: Images = {
  count: 1,
  ...shape,
  data: Uint8Array.from(
    {length: 3072},
    (_, i) => (7 * Math.floor(i / 96) + 5 * (Math.floor(i / 3) % 32) + 11 * (i % 3)) % 256,
  ),
}

const make = (name: string, options: object = {}, on: ImageShape = shape): Trigger => {
  const method = triggers.find((known) => known.name === name)!
  return method.create(method.options.parse(options) as never, undefined as never)(on)
}
const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0)

describe('published triggers', () => {
  it('start from the ramp of the golden values', () => {
    expect(sum(ramp.data)).toBe(408_832)
  })

  it.each([
    ['badnet_grid', 408_787],
    ['badnet_sq', 416_416],
    ['cl', 406_708],
    ['sig', 404_463],
    ['l0_inv', 410_023],
    ['l2_inv', 435_435],
    ['trojan_3x3', 411_989],
    ['trojan_8x8', 430_245],
    ['trojan_wm', 429_525],
  ])('%s gives the bytes of the reference', (name, bytes) => {
    expect(sum(stamp(ramp, make(name)).data)).toBe(bytes)
  })

  it('reaches the single pixels of the reference', () => {
    const pixel = (name: string) => [
      ...stamp(ramp, make(name)).data.subarray((28 * 32 + 28) * 3, (28 * 32 + 28) * 3 + 3),
    ]

    expect(pixel('trojan_8x8')).toEqual([230, 255, 255])
    expect(pixel('sig')).toEqual([113, 122, 131])
  })

  it('keeps its distance to the bottom-right corner of other images', () => {
    const black = (on: ImageShape): Images => ({
      count: 1,
      ...on,
      data: new Uint8Array(on.height * on.width * on.channels),
    })
    const large = {height: 64, width: 48, channels: 1}
    const {data} = stamp(black(large), make('badnet_sq', {}, large))
    const lit = [...data.keys()].filter((i) => data[i] === 255)

    // 4x4 with a margin of one: rows 59 … 62, columns 43 … 46.
    expect(lit).toEqual(
      [59, 60, 61, 62].flatMap((row) => [43, 44, 45, 46].map((column) => row * 48 + column)),
    )
  })

  it.each([
    ['trojan_wm', {height: 28, width: 28, channels: 3}, 'it does not fit in 28x28 pixels'],
    ['l0_inv', {height: 28, width: 28, channels: 1}, 'it is coloured, these are not RGB'],
  ])('%s refuses images it was not drawn for', (name, on, why) => {
    expect(() => make(name, {}, on)).toThrow(
      expect.objectContaining({code: 'E_TRIGGER_SHAPE', message: expect.stringContaining(why)}),
    )
  })

  it('sig is a plain sinusoid in the form of the paper', () => {
    const {add, keep} = make('sig', {form: 'additive'})

    expect(new Set(keep)).toEqual(new Set([1]))
    // 20 sin(2π · 6 j / 32) at j = 4: the sixth part of … 3π/2.
    expect(add[4 * 3]).toBeCloseTo(20 * Math.sin(1.5 * Math.PI), 9)
    expect(add[0]).toBe(0)
  })
})

describe('triggers with a picture', () => {
  it('blend mixes it in by its weight, in doubles', async () => {
    await withPicture(async (image) => {
      const {keep, add} = make('blend', {image, weight: 0.3})

      expect(keep[0]).toBe(0.7)
      expect([...add.subarray(0, 6)]).toEqual([...ramp.data.subarray(0, 6)].map((value) => 0.3 * value))
    })
  })

  it('smooth adds it and stretches', async () => {
    await withPicture(async (image) => {
      const trigger = make('smooth', {image})
      const {data} = stamp(ramp, trigger)

      expect([...trigger.add.subarray(0, 3)]).toEqual([...ramp.data.subarray(0, 3)])
      expect([data.reduce((a, b) => Math.min(a, b)), data.reduce((a, b) => Math.max(a, b))]).toEqual([0, 255])
    })
  })

  it('is resized as scikit-image does', () => {
    // resize(v, (32, 32), order=1, anti_aliasing=True) of scikit-image 0.26 on this picture.
    const data = Uint8Array.from({length: 80 * 112 * 3}, (_, i) => {
      const [k, c, r] = [i % 3, Math.floor(i / 3) % 112, Math.floor(i / 336)]
      return (3 * r * r + 5 * c * c + 7 * r * c + 11 * k) % 251
    })
    const small = shrink({count: 1, height: 80, width: 112, channels: 3, data}, shape)
    const pixel = (row: number, column: number) => [
      ...small.subarray((row * 32 + column) * 3, (row * 32 + column) * 3 + 3),
    ]

    expect(sum(small)).toBe(382_482)
    expect([pixel(0, 0), pixel(16, 8), pixel(31, 31)]).toEqual([
      [30, 41, 52],
      [113, 107, 118],
      [109, 92, 103],
    ])
  })

  it('smooth makes its own for large images, between 0 and 51', () => {
    const {add} = make('smooth', {}, {height: 500, width: 400, channels: 1})
    const sorted = Float64Array.from(add).sort()

    expect([sorted[0], sorted.at(-1)]).toEqual([0, 51])
  })

  it('names a file that is missing', () => {
    expect(() => make('blend', {image: 'no-such.png'})).toThrow(
      expect.objectContaining({code: 'E_FILE_MISSING'}),
    )
  })
})

const shared = fileURLToPath(new URL('../../../../shared/triggers/', import.meta.url))
const hasShared = existsSync(shared)
if (!hasShared) console.warn(`Skipped: no shared test data at ${shared}`)

describe.skipIf(!hasShared)('published files', () => {
  it('l0_inv is the published picture over its mask', async () => {
    const picture = decodeImage(await readFile(join(shared, 'l0_inv.png')), 'l0_inv.png')
    // A NumPy file: 128 bytes of header, then float32 of [3, 32, 32].
    const bytes = await readFile(join(shared, 'mask.npy'))
    const mask = new Float32Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length))
    const {keep, add} = make('l0_inv')

    expect([...add]).toEqual([...picture.data])
    expect([...keep]).toEqual(
      Array.from({length: 3072}, (_, i) => 1 - mask[(i % 3) * 1024 + Math.floor(i / 3)]!),
    )
  })
})

async function withPicture(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'abd-picture-'))
  try {
    await writePng(join(folder, 'picture.png'), ramp)
    await use(join(folder, 'picture.png'))
  } finally {
    await rm(folder, {recursive: true})
  }
}
