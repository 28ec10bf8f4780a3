import * as tf from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {cmiGenerator, createNetwork, largeGenerator, zsktGenerator} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {parameterCount} from './parameter-count.ts'

beforeAll(async () => {
  await openEngine('auto')
})

describe('generators', () => {
  test('are as large as in PyTorch', () => {
    expect(parameterCount(zsktGenerator())).toBe(1_051_145)
    expect(parameterCount(cmiGenerator())).toBe(2_328_899)
    expect(parameterCount(largeGenerator(256))).toBe(4_581_955)
    expect(parameterCount(largeGenerator(512))).toBe(8_776_259)
  })

  test('draw images of other sizes', () => {
    const architecture = zsktGenerator([28, 28, 1])
    using generator = createNetwork(architecture, createRandom('generator'))
    const {images, moments} = tf.tidy(() => {
      const drawn = architecture.forward(
        generator.parameters,
        createRandom('z').normalTensor([3, 100]),
        'train',
      )
      return {images: drawn.images, moments: Object.fromEntries(drawn.moments)}
    })

    expect(images.shape).toEqual([3, 28, 28, 1])
    expect(Object.keys(moments)).toContain('layers.12.running_var')
    expect(() => zsktGenerator([30, 30, 3])).toThrow(
      expect.objectContaining({
        code: 'E_GENERATOR_SIZE',
        exit: 2,
        message: expect.stringContaining('multiple of 4') as string,
      }),
    )
  })
})
