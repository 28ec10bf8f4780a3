import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {attentionMap, crossEntropy, lossAndGradients} from '@abd/core/math'
import {cifarResNet, createNetwork, wideResNet} from '@abd/core/nn'
import {relu} from '../../../src/nn/relu.ts'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('auto')
})

const labels = () => tf.tensor1d([0, 1, 2, 1], 'int32')
const image = () => createRandom('image').normalTensor<Tensor4D>([4, 8, 8, 3])

describe('gradients', () => {
  test.each([wideResNet({depth: 10, width: 1, classes: 3}), cifarResNet({depth: 8, classes: 3})])(
    'by the image are those of finite differences: $name',
    async (architecture) => {
      using network = createNetwork(architecture, createRandom('differences'))
      const x = image()
      const loss = (at: Tensor4D) =>
        crossEntropy(architecture.forward(network.parameters, at, 'train').logits, labels())
      const gradient = lossAndGradients([x], () => loss(x)).gradients[0] as Tensor
      // Along the gradient the loss grows by its length: (L(x + hg/|g|) - L(x - hg/|g|)) / 2h = |g|
      const length = (await tf.norm(gradient).data())[0] ?? NaN
      const slope = async (h: number) => {
        const move = tf.mul(gradient, h / length)
        const [up, down] = await Promise.all([loss(tf.add(x, move)).data(), loss(tf.sub(x, move)).data()])
        return ((up[0] ?? NaN) - (down[0] ?? NaN)) / (2 * h)
      }

      expect((await slope(0.02)) / length).toBeCloseTo(1, 1)
    },
  )

  test('of ReLU, and their own gradients', async () => {
    const x = tf.tensor1d([-2, 0, 3])
    const slope = (at: Tensor) => tf.grad((input) => tf.sum(tf.square(relu(input))))(at)

    // Σ max(x, 0)²: 2x, then 2, where x > 0
    expect([...(await slope(x).data())]).toEqual([0, 0, 6])
    expect([
      ...(await tf
        .grad((at) => tf.sum(slope(at)))(x)
        .data()),
    ]).toEqual([0, 0, 2])
  })

  test('of the loss can be differentiated once more', async () => {
    // Two logits a and 0 with label 0: L = ln(1 + e⁻ᵃ), L' = -(1 - p), L'' = p (1 - p) with p = 1 / (1 + e⁻ᵃ)
    const loss = (a: Tensor) =>
      crossEntropy(tf.concat([a, tf.zerosLike(a)], 1) as Tensor2D, tf.tensor1d([0], 'int32'))
    const second = tf.grad((a) => tf.sum(tf.grad(loss)(a)))(tf.tensor2d([[1.5]]))
    const p = 1 / (1 + Math.exp(-1.5))
    expect((await second.data())[0]).toBeCloseTo(p * (1 - p), 5)
  })

  test('of a whole network can be differentiated once more: the Hessian is symmetric', async () => {
    const architecture = wideResNet({depth: 10, width: 1, classes: 3})
    using network = createNetwork(architecture, createRandom('second'))
    const x = image()
    const [u, v] = ['u', 'v'].map((name) => createRandom(name).normalTensor<Tensor4D>([4, 8, 8, 3]))
    const loss = (input: Tensor) =>
      crossEntropy(architecture.forward(network.parameters, input as Tensor4D, 'train').logits, labels())
    const hessianTimes = (direction: Tensor4D | undefined) =>
      tf.grad((at) => tf.sum(tf.mul(tf.grad(loss)(at), direction as Tensor)))(x)

    const along = async (direction: Tensor4D | undefined, other: Tensor4D | undefined) =>
      (await tf.sum(tf.mul(other as Tensor, hessianTimes(direction))).data())[0] ?? NaN
    const [uHv, vHu, uHu] = [await along(v, u), await along(u, v), await along(u, u)]

    expect(Math.abs(uHu)).toBeGreaterThan(1e-3)
    expect(Math.abs(uHv - vHu)).toBeLessThan(1e-3 * Math.abs(uHu))
  })

  test('of an attention map flow back into the activation alone', async () => {
    const x = createRandom('activation').normalTensor<Tensor4D>([1, 2, 2, 3])
    const {gradients} = lossAndGradients([x], () => tf.sum<Scalar>(attentionMap(x)))
    const values = await x.data()
    const energies = [0, 1, 2, 3].map((p) =>
      [0, 1, 2].reduce((sum, c) => sum + (values[3 * p + c] ?? NaN) ** 2 / 3, 0),
    )
    const length = Math.hypot(...energies)
    const total = energies.reduce((a, b) => a + b, 0)

    // Σ e / |e| has the slope 1/|e| - e Σe / |e|³ by e, and e the slope 2x/3 by x
    const actual = await (gradients[0] as Tensor).data()
    for (const [index, value] of values.entries()) {
      const e = energies[Math.floor(index / 3)] ?? NaN
      expect(actual[index]).toBeCloseTo((1 / length - (e * total) / length ** 3) * ((2 * value) / 3), 5)
    }
  })
})
