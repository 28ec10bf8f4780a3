import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D} from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {crossEntropy, lossAndGradients} from '@abd/core/math'
import {applyMoments, cmiGenerator, networkFromStateDict, wideResNet, zsktGenerator} from '@abd/core/nn'
import type {Network} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {expectClose, filledStateDict, images, matrix, norm, sum} from './golden.ts'

/** TensorFlow where it is installed, and wasm, whose kernels and gradients are others. */
const engines = [...new Set([(await openEngine('auto')).name, 'wasm' as const])]

const wrn = (width: number) => {
  const architecture = wideResNet({depth: 16, width, classes: 10})
  return networkFromStateDict(
    architecture,
    filledStateDict(architecture, () => 0.2),
  )
}

const x = () => images([2, 3, 32, 32], 0.013)
const row0 = async (logits: Tensor2D) => (await logits.data()).slice(0, 10)
const variable = (network: Network, name: string) => network.parameters.get(name) as tf.Variable

describe.each(engines)('on %s', (engine) => {
  beforeAll(async () => {
    await openEngine(engine)
  })

  describe('G8: WRN-16-1', () => {
    test('eval: logits, activations and gradients', async () => {
      using network = wrn(1)
      const input = x()
      const {logits, activations} = network.architecture.forward(network.parameters, input, 'eval')
      expectClose(
        await row0(logits),
        [
          2.697368226, 8.893159824, -0.4576784584, -8.892967714, -1.580576219, 8.518164093, 3.525917542,
          -7.799257643, -5.510130646, 6.338835261,
        ],
        1e-4,
      )
      const sums = await Promise.all(activations.map(async (activation) => sum(await activation.data())))
      expectClose(sums, [-2113.054531, -15616.44738, 1122.405601], 1e-4, {each: true})

      const filters = ['conv1.weight', 'block3.layer.1.conv2.weight'].map((name) => variable(network, name))
      const {gradients} = lossAndGradients([input, ...filters], () =>
        crossEntropy(
          network.architecture.forward(network.parameters, input, 'eval').logits,
          tf.tensor1d([1, 2], 'int32'),
        ),
      )
      const norms = await Promise.all(gradients.map(async (gradient) => norm(await gradient.data())))
      expectClose(norms, [1.995566855, 107.1603507, 11.91709691], 1e-3, {each: true})
    })

    test('train: logits, gradient and one update of the running statistics', async () => {
      using network = wrn(1)
      const {architecture, parameters} = network
      const {gradients, extra} = lossAndGradients([variable(network, 'conv1.weight')], () => {
        const {logits, moments} = architecture.forward(parameters, x(), 'train')
        return {loss: crossEntropy(logits, tf.tensor1d([1, 2], 'int32')), extra: {logits, moments}}
      })
      expectClose(
        await row0(extra.logits),
        [
          0.5204441711, 0.6313755891, -0.2269179231, -0.5768250353, 0.1476315568, 0.6091217244,
          -0.06536112627, -0.7361845382, -0.2550594094, 0.5136579484,
        ],
        1e-4,
      )
      expectClose([norm(await (gradients[0] as tf.Tensor).data())], [1.655831795], 1e-3)

      applyMoments(network, extra.moments)
      const mean = await variable(network, 'bn1.running_mean').data()
      const variance = await variable(network, 'bn1.running_var').data()
      expectClose(mean.slice(0, 2), [0.117613865, 0.138336455], 1e-4, {each: true})
      expectClose(variance.slice(0, 2), [1.458698603, 1.475093506], 1e-4, {each: true})
      expect(extra.moments.size).toBe(26)
    })
  })

  test('G8: WRN-16-2, eval and train', async () => {
    using network = wrn(2)
    const {architecture, parameters} = network
    const evaluated = architecture.forward(parameters, x(), 'eval')
    expectClose(
      await row0(evaluated.logits),
      [
        0.2268250294, -0.003842245581, 0.09800659194, 0.03297134441, -0.0698080612, 0.05519657971,
        -0.2185440907, 0.0797960843, -0.2962897382, 0.1156515954,
      ],
      1e-4,
    )
    const sums = await Promise.all(
      evaluated.activations.map(async (activation) => sum(await activation.data())),
    )
    expectClose(sums, [-2439.908021, 320.4769756, 28.12138184], 1e-4)
    expectClose(
      await row0(architecture.forward(parameters, x(), 'train').logits),
      [
        1.090546561, -0.7044858556, 0.596693904, -0.2360877508, -0.04530714257, 0.2766133818, -0.6735923017,
        0.7432252981, -1.131286587, 1.075882506,
      ],
      1e-4,
    )
  })

  describe('G9: generators, in train mode', () => {
    test('of ZSKT', async () => {
      const architecture = zsktGenerator()
      const dict = filledStateDict(architecture, ({shape}) => Math.sqrt(1 / (shape[1] ?? NaN)))
      using network = networkFromStateDict(architecture, dict)
      const {images: drawn} = architecture.forward(network.parameters, matrix([4, 100], 0.21), 'train')
      const values = await drawn.data()
      expect(drawn.shape).toEqual([4, 32, 32, 3])
      expectClose([sum(values)], [-21.59727145], 1e-3)
      expectClose([norm(values) ** 2], [12518.54606], 1e-4)
      expectClose(values.slice(0, 3), [-0.05753085743, -0.1415866107, -0.1153650386], 1e-3)
    })

    test('of CMI', async () => {
      const architecture = cmiGenerator()
      const dict = filledStateDict(architecture, ({shape}) => Math.sqrt(1 / (shape[1] ?? NaN)))
      using network = networkFromStateDict(architecture, dict)
      const {images: drawn} = architecture.forward(network.parameters, matrix([4, 256], 0.21), 'train')
      const values = await drawn.data()
      expectClose([sum(values), norm(values) ** 2], [6204.958165, 3155.091446], 1e-4, {each: true})
      expectClose(values.slice(-3), [0.5084513563, 0.5035658825, 0.4989802196], 1e-4)
    })
  })
})
