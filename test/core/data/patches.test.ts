import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {createRandom} from '../../../src/engine/create-random.ts'
import {encodePng} from '../../../src/data/encode-png.ts'
import {jitterColours} from '../../../src/data/jitter-colours.ts'
import {oodPatches} from '../../../src/data/patches.ts'
import {proceduralPhoto} from '../../../src/data/procedural-photo.ts'
import {takeImages} from '../../../src/data/take-images.ts'
import {ramp} from './ramp.ts'

const shape = {height: 32, width: 32, channels: 3}
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-patches-'))
})
afterAll(() => rm(folder, {recursive: true}))

describe('oodPatches', () => {
  it.each(['photos', 'procedural'])('depend on the seed and their number alone (%s)', async (source) => {
    const three = await oodPatches({count: 3, shape, seed: 1, source})
    const seven = await oodPatches({count: 7, shape, seed: 1, source})
    const other = await oodPatches({count: 3, shape, seed: 'two', source})

    expect(takeImages(seven, 3)).toEqual(three)
    expect(other.data).not.toEqual(three.data)
  })

  it('are varied, and not all the same', async () => {
    const {data} = await oodPatches({count: 60, shape, seed: 0})
    const pictures = Array.from({length: 60}, (_, i) =>
      Buffer.from(data.subarray(i * 3072, (i + 1) * 3072)).toString('base64'),
    )
    const mean = data.reduce((sum, byte) => sum + byte, 0) / data.length

    expect(new Set(pictures).size).toBe(60)
    expect(mean).toBeGreaterThan(60)
    expect(mean).toBeLessThan(190)
  })

  it('come in the shape that is asked for, grey ones too', async () => {
    const patches = await oodPatches({count: 2, shape: {height: 28, width: 20, channels: 1}, seed: 0})

    expect(patches).toMatchObject({count: 2, height: 28, width: 20, channels: 1})
    expect(patches.data).toHaveLength(2 * 28 * 20)
  })

  it('come from the picture of the user', async () => {
    const file = join(folder, 'red.png')
    const red = ramp(1, 80, 80, 3)
    red.data.forEach((_, i) => (red.data[i] = i % 3 === 0 ? 200 : 0))
    await writeFile(file, encodePng(red))
    const {data} = await oodPatches({count: 20, shape, seed: 0, source: file})

    // The hue turns by a tenth of the circle at most, 36 degrees: red stays the largest.
    for (let at = 0; at < data.length; at += 3)
      expect(data[at]).toBeGreaterThanOrEqual(Math.max(data[at + 1]!, data[at + 2]!))
  })

  it('show as much of the picture as is asked for', async () => {
    const file = join(folder, 'halves.png')
    const halves = ramp(1, 100, 100, 1)
    halves.data.forEach((_, i) => (halves.data[i] = i % 100 < 50 ? 0 : 255))
    await writeFile(file, encodePng(halves))
    const grey = {height: 8, width: 8, channels: 1}
    const withAnEdge = async (area: readonly [number, number]) => {
      const {data} = await oodPatches({count: 200, shape: grey, seed: 3, source: file, area})
      return Array.from({length: 200}, (_, i) => data.subarray(i * 64 + 18, i * 64 + 46)).filter(
        (middle) => Math.max(...middle) - Math.min(...middle) > 60,
      ).length
    }

    expect(await withAnEdge([0.4, 0.5])).toBeGreaterThan(2 * (await withAnEdge([0.002, 0.01])))
  })

  it.each([
    ['missing.png', 'E_FILE_MISSING', 'missing.png'],
    ['empty.png', 'E_IMAGE', 'empty.png is empty'],
    ['text.png', 'E_IMAGE', 'text.png is neither PNG, JPEG nor PPM'],
    ['tiny.png', 'E_IMAGE', 'too small'],
  ])('name a source that cannot be used: %s', async (name, code, message) => {
    await writeFile(join(folder, 'empty.png'), '')
    await writeFile(join(folder, 'text.png'), 'not a picture')
    await writeFile(join(folder, 'tiny.png'), encodePng(ramp(1, 8, 8, 3)))

    await expect(oodPatches({count: 1, shape, seed: 0, source: join(folder, name)})).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })

  it('are all counted', async () => {
    let done = 0
    const start = () => ({advance: (steps = 1) => void (done += steps), end() {}})
    await oodPatches({count: 70, shape, seed: 0}, {progress: {start, note() {}}})
    expect(done).toBe(70)
  })

  it('stop when told', async () => {
    await expect(
      oodPatches({count: 1000, shape, seed: 0}, {signal: AbortSignal.abort()}),
    ).rejects.toMatchObject({name: 'AbortError'})
  })
})

describe('proceduralPhoto', () => {
  it('has edges at all scales, as photos do: power falls with frequency', () => {
    const {data, width, height} = proceduralPhoto(createRandom(0))
    const difference = (step: number) => {
      let sum = 0
      let count = 0
      for (let y = 0; y < height; y += 3)
        for (let x = 0; x + step < width; x += 3, count++)
          sum += (data[(y * width + x + step) * 3]! - data[(y * width + x) * 3]!) ** 2
      return sum / count
    }

    // Neighbours are alike, and ever less so with distance.
    expect(difference(1)).toBeLessThan(0.5 * difference(4))
    expect(difference(4)).toBeLessThan(difference(16))
    expect(difference(16)).toBeLessThan(difference(64) * 1.1)
  })
})

describe('jitterColours', () => {
  it('turns red by a tenth of the colour circle at most and keeps grey grey', () => {
    for (let seed = 0; seed < 40; seed++) {
      const values = Float32Array.of(200, 0, 0, 90, 90, 90)
      jitterColours(values, 3, createRandom(seed))

      const [red, green, blue, ...dull] = values
      expect(red).toBeGreaterThanOrEqual(Math.max(green!, blue!))
      expect(Math.max(...dull) - Math.min(...dull)).toBeLessThan(1e-3)
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...values)).toBeLessThanOrEqual(255)
    }
  })
})
