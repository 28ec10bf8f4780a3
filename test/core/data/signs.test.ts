import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {renderSigns} from '../../../scripts/render-signs.ts'
import {decodeImage} from '../../../src/data/decode-image.ts'
import {loadSigns} from '../../../src/data/signs.ts'
import {readSignAtlas} from '../../../src/data/sign-atlas.ts'
import {signClasses} from '../../../src/data/sign-classes.ts'
import {takeImages} from '../../../src/data/take-images.ts'

const atlas = new URL('../../../src/assets/signs.png', import.meta.url)

describe('the atlas of signs', () => {
  it('is what the script renders from the published drawings', async () => {
    const fresh = decodeImage(await renderSigns(), 'fresh')
    const committed = decodeImage(await readFile(atlas), 'committed')

    expect([fresh.width, fresh.height, fresh.channels]).toEqual([
      committed.width,
      committed.height,
      committed.channels,
    ])
    expect(Buffer.compare(fresh.data, committed.data)).toBe(0)
  })

  it('has a drawing for each of the 43 classes, all different', async () => {
    const templates = (await readSignAtlas())
      .slice(0, 43)
      .map((template) => Buffer.from(template).toString('base64'))

    expect(signClasses).toHaveLength(43)
    expect(new Set(templates).size).toBe(43)
    expect(new Set(signClasses.map(({name}) => name)).size).toBe(43)
  })
})

describe('loadSigns', () => {
  it('gives balanced classes that take turns, and their names', async () => {
    const signs = await loadSigns({classes: [14, 2], perClass: 3, testPerClass: 2})

    expect(signs.classNames).toEqual(['stop', 'speed limit 50'])
    expect([...signs.train.labels]).toEqual([0, 1, 0, 1, 0, 1])
    expect([...signs.test.labels]).toEqual([0, 1, 0, 1])
    expect(signs.train.images).toMatchObject({count: 6, height: 32, width: 32, channels: 3})
  })

  it('renders an image from the seed, the split, the class and its number alone', async () => {
    const few = await loadSigns({classes: [14], perClass: 2, testPerClass: 1, seed: 5})
    const many = await loadSigns({classes: [1, 14, 33], perClass: 4, testPerClass: 2, seed: 5})

    // Class 14 is the second of three: its images are 1, 4, 7, 10.
    expect(takeImages(many.train.images, [1, 4])).toEqual(few.train.images)
    expect(takeImages(many.test.images, [1])).toEqual(few.test.images)
  })

  it('renders others for another seed, split and number', async () => {
    const one = await loadSigns({classes: [14], perClass: 2, testPerClass: 1, seed: 5})
    const other = await loadSigns({classes: [14], perClass: 1, testPerClass: 1, seed: 6})
    const pictures = [
      takeImages(one.train.images, [0]),
      takeImages(one.train.images, [1]),
      one.test.images,
      other.train.images,
    ]

    expect(new Set(pictures.map(({data}) => Buffer.from(data).toString('base64'))).size).toBe(4)
  })

  it('shows signs one can tell apart: the nearest mean image of training names most test images', async () => {
    const signs = await loadSigns({perClass: 30, testPerClass: 6, seed: 1})
    const means = signs.classNames.map((_, c) =>
      meanOf(
        takeImages(
          signs.train.images,
          Array.from({length: 30}, (_, i) => i * 10 + c),
        ).data,
        30,
      ),
    )
    const right = [...signs.test.labels].filter((label, i) => {
      const image = standardised(Float64Array.from(takeImages(signs.test.images, [i]).data))
      const distances = means.map((mean) => mean.reduce((sum, value, j) => sum + (value - image[j]!) ** 2, 0))
      return distances.indexOf(Math.min(...distances)) === label
    })

    // Chance is 10 %.
    expect(right.length / signs.test.labels.length).toBeGreaterThan(0.5)
  })

  it.each([[[43]], [[-1]], [[1.5]], [[1, 1]], [[]]])('refuses the classes %j', async (classes) => {
    await expect(loadSigns({classes})).rejects.toMatchObject({code: 'E_CLASSES', exit: 2})
  })

  it('stops when told', async () => {
    await expect(loadSigns({perClass: 5000}, {signal: AbortSignal.abort()})).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})

function meanOf(data: Uint8Array, count: number): Float64Array {
  const size = data.length / count
  const mean = new Float64Array(size)
  for (let i = 0; i < count; i++)
    standardised(Float64Array.from(data.subarray(i * size, (i + 1) * size))).forEach((value, j) => {
      mean[j]! += value / count
    })
  return mean
}

function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return values.map((value) => (value - mean) / deviation)
}
