import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {attentionMap, crossEntropy, klMean, lossAndGradients} from '@abd/core/math'
import {cifarResNet, createNetwork, iBauVgg, wideResNet} from '@abd/core/nn'
import {elu} from '../../../src/nn/elu.ts'
import {maxPool} from '../../../src/nn/max-pool.ts'
import {startPass} from '../../../src/nn/pass.ts'
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

  test('of max-pooling, and their own gradients', async () => {
    const x = tf.tensor4d([1, 5, 2, 5, 3, 9, 7, 7, 0], [1, 3, 3, 1])
    const slope = (at: Tensor) => tf.grad((input) => tf.sum(tf.square(maxPool(input as Tensor4D))))(at)

    // Of 1, 5, 5 and 3 the first 5; the last row and column are left over. 2x there, then 2.
    expect([...(await slope(x).data())]).toEqual([0, 10, 0, 0, 0, 0, 0, 0, 0])
    const second = tf.grad((at) => tf.sum(slope(at)))(x)
    expect([...(await second.data())]).toEqual([0, 2, 0, 0, 0, 0, 0, 0, 0])
  })

  test('of a whole smooth network can be differentiated once more, by the image and by a filter', async () => {
    const draw = (name: string, ...shape: number[]) => createRandom(name).normalTensor(shape)
    const filter = draw('conv1', 3, 3, 3, 4)
    const parameters = new Map<string, Tensor>([
      ['conv1.weight', filter],
      ['conv2.weight', draw('conv2', 3, 3, 4, 5)],
      ['fc.weight', draw('fc', 5, 3)],
      ...[4, 5].flatMap((size, i): [string, Tensor][] =>
        Object.entries({
          weight: tf.add(draw(`weight${i}`, size), 2),
          bias: draw(`bias${i}`, size),
          running_mean: tf.zeros([size]),
          running_var: tf.ones([size]),
        }).map(([name, value]) => [`bn${i + 1}.${name}`, value]),
      ),
    ])
    const x = draw('image', 4, 8, 8, 3)
    const v = draw('v', 4, 8, 8, 3)
    const u = [draw('u', 4, 8, 8, 3), draw('w', 3, 3, 3, 4)]
    const slopes = (at: Tensor) =>
      lossAndGradients([at, filter], () => {
        const pass = startPass(parameters, 'train')
        let h = elu(pass.batchNorm('bn1', pass.convolution('conv1', at as Tensor4D)))
        h = elu(pass.batchNorm('bn2', pass.convolution('conv2', h, 2)))
        const logits = pass.linear('fc', tf.mean(h, [1, 2]))
        return klMean(logits, draw('target', 4, 3) as Tensor2D)
      }).gradients
    const along = (gradients: readonly Tensor[]): Tensor =>
      tf.addN(gradients.map((g, i) => tf.sum(tf.mul(g, u[i]!))))

    // uᵀ ∂/∂(x, filter) ⟨∂L/∂x, v⟩ against differences of the first derivatives along v
    const second = lossAndGradients([x, filter], () => tf.sum<Scalar>(tf.mul(slopes(x)[0]!, v))).gradients
    const [exact] = await along(second).data()
    const h = 1e-2
    const [up, down] = [h, -h].map((step) => along(slopes(tf.add(x, tf.mul(v, step)))))
    const [measured] = await tf.div(tf.sub(up!, down!), 2 * h).data()
    expect(exact! / measured!).toBeCloseTo(1, 2)
  })

  test.each([wideResNet({depth: 10, width: 1, classes: 3}), iBauVgg({classes: 3, input: [8, 8, 3]})])(
    'miss nothing of what a pass lets go on its way, nor do theirs: $name',
    async (architecture) => {
      using network = createNetwork(architecture, createRandom('kept'))
      const filter = network.trainable.find(({shape}) => shape.length === 4)!
      const [x, v] = [image(), createRandom('v').normalTensor<Tensor4D>([4, 8, 8, 3])]
      // Whoever observes a pass may hold on to anything, so nothing of it is let go.
      const [letGo, kept] = await Promise.all(
        [undefined, () => {}].map(async (observe) => {
          const slopes = () =>
            lossAndGradients([x, filter], () => {
              const {logits} = architecture.forward(network.parameters, x, 'train', observe)
              return klMean(logits, tf.zerosLike(logits))
            }).gradients
          const second = lossAndGradients([x, filter], () => tf.sum<Scalar>(tf.mul(slopes()[0]!, v)))
          const all = [...slopes(), ...second.gradients]
          return Promise.all(all.map(async (each) => [...(await each.data())]))
        }),
      )
      expect(letGo).toEqual(kept)
      expect(kept![3]!.some((value) => value !== 0)).toBe(true)
    },
  )

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
