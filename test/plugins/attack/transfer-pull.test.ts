import {createRandom, openEngine} from '@abd/core/engine'
import {createNetwork} from '@abd/core/nn'
import type {Architecture} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, it} from 'vitest'
import {pullLoss, transferPull} from '../../../plugins/attack/src/adaptive/transfer-pull.ts'

beforeAll(() => openEngine('cpu'))

/** Two pixels in, two classes out, a linear layer between them that starts with zeros: everything by hand. */
const linear: Architecture = {
  name: 'linear',
  classes: 2,
  input: [1, 2, 1],
  parameters: new Map([['w', {role: 'linear', shape: [2, 2], initial: {constant: 0}}]]),
  forward: (parameters: ReadonlyMap<string, tf.Tensor>, x: Tensor4D) => {
    const features: Tensor2D = tf.reshape(x, [-1, 2])
    return {
      logits: tf.matMul<Tensor2D>(features, parameters.get('w') as Tensor2D),
      activations: [],
      features,
      moments: new Map(),
    }
  },
} as unknown as Architecture

const images = (...rows: readonly (readonly [number, number])[]) =>
  tf.tensor4d(rows.flat(), [rows.length, 1, 2, 1])

describe('transferPull', () => {
  it('is how log q moves along the gradient of the student’s loss on triggered images', async () => {
    using student = createNetwork(linear, createRandom(1))
    // The triggered image (0, 1) should be of class 1. With w = 0, q = (1/2, 1/2) and ∇L = (0, 1) ⊗ (1/2, -1/2), of norm
    // 1/√2: v = (0, 1) ⊗ (1/√2, -1/√2). On x = (a, b) the logits move by b (1/√2, -1/√2), and so does log q.
    const slope = transferPull(student, {
      x: images([1, 0], [0, 1], [5, 2]),
      triggered: images([0, 1]),
      target: 1,
    })
    const root = Math.SQRT1_2
    const expected = [0, 0, root, -root, 2 * root, -2 * root]

    expect(slope.shape).toEqual([3, 2])
    ;[...(await slope.data())].forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 1))
  })

  it('leaves the student as it is', async () => {
    using student = createNetwork(linear, createRandom(1))
    transferPull(student, {x: images([1, 2]), triggered: images([0, 1]), target: 0})

    expect([...(await student.trainable[0]!.data())]).toEqual([0, 0, 0, 0])
  })
})

it('pullLoss is less, the more weight lies on what falls', async () => {
  const slope = tf.tensor2d([[1, -1]])
  const loss = async (...logits: readonly number[]) =>
    (await pullLoss(tf.tensor2d([[...logits]]), slope, 2).data())[0]

  // Softmax at temperature 2 of (0, 2 ln 3): 1/4 and 3/4.
  expect(await loss(0, 2 * Math.log(3))).toBeCloseTo(-0.5, 6)
  expect(await loss(0, 0)).toBeCloseTo(0, 6)
})
