import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import {decode} from 'fast-png'
import {describe, expect, it} from 'vitest'
import {createRandom} from '../../../src/engine/create-random.ts'
import {batches} from '../../../src/data/batches.ts'
import {encodePng} from '../../../src/data/encode-png.ts'
import {measureNormalisation} from '../../../src/data/measure-normalisation.ts'
import {normalisations} from '../../../src/data/normalisations.ts'
import {concatImages, takeImages, takeLabelled} from '../../../src/data/take-images.ts'
import {toTensor} from '../../../src/data/to-tensor.ts'
import {withChannels} from '../../../src/data/with-channels.ts'
import {grey, ramp} from './ramp.ts'

describe('takeImages', () => {
  it('takes the first ones, or all where there are fewer', () => {
    expect([...takeImages(ramp(3, 1, 2, 1), 2).data]).toEqual([0, 1, 2, 3])
    expect(takeImages(ramp(3, 1, 2, 1), 9).count).toBe(3)
  })

  it('takes those with the given indices, in their order, more than once if asked', () => {
    expect([...takeImages(ramp(3, 1, 2, 1), [2, 0, 2]).data]).toEqual([4, 5, 0, 1, 4, 5])
  })

  it('takes copies', () => {
    const images = ramp(2, 1, 2, 1)
    takeImages(images, 1).data[0] = 200

    expect(images.data[0]).toBe(0)
  })

  it.each([3, -1, 0.5])('does not invent image %s', (index) => {
    expect(() => takeImages(ramp(3, 1, 2, 1), [index])).toThrow(RangeError)
  })

  it('keeps labels with their images', () => {
    const taken = takeLabelled({images: ramp(3, 1, 1, 1), labels: Int32Array.of(7, 8, 9)}, [2, 1])

    expect([...taken.images.data]).toEqual([2, 1])
    expect([...taken.labels]).toEqual([9, 8])
  })
})

describe('concatImages', () => {
  it('puts one set after the other', () => {
    const joined = concatImages(ramp(1, 1, 2, 1), ramp(2, 1, 2, 1))

    expect(joined.count).toBe(3)
    expect([...joined.data]).toEqual([0, 1, 0, 1, 2, 3])
  })

  it('refuses images of different shapes', () => {
    expect(() => concatImages(ramp(1, 1, 2, 1), ramp(1, 2, 1, 1))).toThrow('2x1x1 among images of 1x2x1')
  })
})

describe('batches', () => {
  it('go through all indices in order, the last one shorter', () => {
    expect([...batches(5, 2)].map((batch) => [...batch])).toEqual([[0, 1], [2, 3], [4]])
  })

  it('leave the shorter one out when told', () => {
    expect([...batches(5, 2, {dropLast: true})].map((batch) => [...batch])).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  it('are shuffled by the given stream, each index once', () => {
    const shuffled = [...batches(50, 7, {random: createRandom(3)})].flatMap((batch) => [...batch])

    expect(shuffled).not.toEqual(Array.from({length: 50}, (_, i) => i))
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(Array.from({length: 50}, (_, i) => i))
    expect([...batches(50, 7, {random: createRandom(3)})].flatMap((batch) => [...batch])).toEqual(shuffled)
  })
})

describe('toTensor', () => {
  it('is byte / 255, of all images or of the chosen ones', async () => {
    await tf.setBackend('cpu')
    using images = scope(toTensor(grey([0, 51], [255, 102])))
    using chosen = scope(toTensor(ramp(3, 1, 1, 3), [2, 0]))

    expect(images.tensor.shape).toEqual([1, 2, 2, 1])
    expect([...(await images.tensor.data())].map((value) => value.toFixed(4))).toEqual([
      '0.0000',
      '0.2000',
      '1.0000',
      '0.4000',
    ])
    expect([...(await chosen.tensor.data())].map((value) => Math.round(value * 255))).toEqual([
      6, 7, 8, 0, 1, 2,
    ])
  })
})

describe('encodePng', () => {
  it('puts images side by side', () => {
    const png = decode(encodePng(ramp(2, 2, 1, 3)))

    // Image 0 is 0 1 2 over 3 4 5, image 1 is 6 7 8 over 9 10 11.
    expect([png.width, png.height, png.channels]).toEqual([2, 2, 3])
    expect([...png.data]).toEqual([0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11])
  })
})

describe('withChannels', () => {
  it('repeats grey, and drops alpha', () => {
    expect([...withChannels(grey([7, 9]), 3).data]).toEqual([7, 7, 7, 9, 9, 9])
    expect([...withChannels({...ramp(1, 1, 2, 4)}, 3).data]).toEqual([0, 1, 2, 4, 5, 6])
    expect([...withChannels({...ramp(1, 1, 2, 2)}, 1).data]).toEqual([0, 2])
  })

  it('makes colours grey by their luminance', () => {
    // 0.299·255 = 76.2, 0.587·255 = 149.7, 0.114·255 = 29.1
    const colours = {...ramp(1, 1, 3, 3), data: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255)}

    expect([...withChannels(colours, 1).data]).toEqual([76, 150, 29])
  })

  it('knows no network of five channels', () => {
    expect(() => withChannels(grey([1]), 5)).toThrow(expect.objectContaining({code: 'E_CHANNELS'}))
  })
})

describe('measureNormalisation', () => {
  it('is the mean and standard deviation of each channel', () => {
    // Channel 0: 0 and 1, mean 0.5, deviation 0.5; channel 1: always 0.2.
    const images = {count: 1, height: 1, width: 2, channels: 2, data: Uint8Array.of(0, 51, 255, 51)}
    const {mean, std} = measureNormalisation(images)

    expect(mean[0]).toBeCloseTo(0.5, 12)
    expect(mean[1]).toBeCloseTo(0.2, 12)
    expect(std[0]).toBeCloseTo(0.5, 12)
    // Not zero, by which nothing can be divided.
    expect(std[1]).toBeCloseTo(1 / 255, 12)
  })

  it('has as many numbers as channels in every known normalisation', () => {
    for (const {mean, std} of Object.values(normalisations)) {
      expect([1, 3]).toContain(mean.length)
      expect(std.length).toBe(mean.length)
    }
  })
})

const scope = <T extends tf.Tensor>(tensor: T) => ({tensor, [Symbol.dispose]: () => void tensor.dispose()})
