import * as tf from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {createNetwork, inferArchitecture, mobileNetV2, shuffleNetV2} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {parameterCount} from './parameter-count.ts'

beforeAll(async () => {
  await openEngine('auto')
})

describe('networks for small machines', () => {
  // Counted in PyTorch: torchvision's, and CMI's (docs of ABD's reference).
  it.each([
    ['mobilenet-v2', mobileNetV2({classes: 10}), 2_236_682],
    ['shufflenet-v2', shuffleNetV2({classes: 10}), 1_263_278],
  ])('%s has the parameters of the original', (_, architecture, parameters) => {
    expect(parameterCount(architecture)).toBe(parameters)
  })

  it('tells ImageNet’s images by the number of classes, the stem by its filter', () => {
    const inferred = (architecture: ReturnType<typeof mobileNetV2>) =>
      inferArchitecture(
        new Map(
          [...architecture.parameters].map(([name, {shape}]) => [
            name,
            {dtype: 'float32' as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1))},
          ]),
        ),
      )

    expect(inferred(mobileNetV2({classes: 1000})).input).toEqual([224, 224, 3])
    expect(inferred(mobileNetV2({classes: 43})).input).toEqual([32, 32, 3])
    expect(inferred(shuffleNetV2({classes: 10, stem: 3})).parameters.get('conv1.weight')!.shape).toEqual([
      24, 3, 3, 3,
    ])
  })

  it.each([
    ['mobilenet-v2', mobileNetV2({classes: 3, input: [16, 16, 3]})],
    ['shufflenet-v2', shuffleNetV2({classes: 3, input: [16, 16, 3]})],
  ])('%s has gradients in every weight when it is trained', async (_, architecture) => {
    using network = createNetwork(architecture, createRandom(1))
    const x = tf.randomUniform<tf.Rank.R4>([4, 16, 16, 3], 0, 1, 'float32', 5)
    const names = [...network.parameters.keys()].filter((name) => !name.includes('running'))
    const gradients = tf.grads((...values: tf.Tensor[]) => {
      const {logits} = architecture.forward(
        new Map([...network.parameters, ...names.map((name, i) => [name, values[i]!] as const)]),
        x,
        'train',
      )
      return tf.sum(tf.square(logits))
    })(names.map((name) => network.parameters.get(name)!))
    const sizes = await Promise.all(gradients.map(async (g) => (await tf.sum(tf.abs(g)).data())[0]!))

    expect(sizes.every(Number.isFinite)).toBe(true)
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(0.9 * sizes.length)
  })
})
