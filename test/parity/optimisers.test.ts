import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Variable} from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {adam, clipByGlobalNorm, sgd} from '@abd/core/math'
import type {Optimiser} from '@abd/core/math'
import {beforeAll, describe, test} from 'vitest'
import {expectClose, seq} from './golden.ts'

/*
 * The expected numbers come from the formulas, number by number in double precision. Two variables of different shapes,
 * three steps, gradients that differ from step to step.
 */

beforeAll(async () => {
  await openEngine('cpu')
})

const start = [...seq([2, 3], 0.7), ...seq([4], 1.1)]
const gradientAt = (step: number) => [...seq([2, 3], 0.9, step), ...seq([4], 0.4, step)]

function make(): Variable[] {
  return [tf.variable(tf.tensor2d(start.slice(0, 6), [2, 3])), tf.variable(tf.tensor1d(start.slice(6)))]
}

const asTensors = (values: readonly number[]): Tensor[] => [
  tf.tensor2d(values.slice(0, 6), [2, 3]),
  tf.tensor1d(values.slice(6)),
]

const numbers = async (tensors: readonly Tensor[]) =>
  (await Promise.all(tensors.map(async (tensor) => [...(await tensor.data())]))).flat()

async function threeSteps(optimiser: (variables: readonly Variable[]) => Optimiser, rate: number) {
  const variables = make()
  using taken = optimiser(variables)
  for (const step of [1, 2, 3]) taken.step(asTensors(gradientAt(step)), rate)
  return numbers(variables)
}

/** One number's path under an update rule that carries its own state. */
const path = (rule: () => (w: number, g: number, step: number) => number) =>
  start.map((first, index) => {
    const update = rule()
    return [1, 2, 3].reduce((w, step) => update(w, gradientAt(step)[index] ?? NaN, step), first)
  })

describe('G15: three steps of an optimiser', () => {
  test.each([
    [0.9, 0.999, 0],
    [0.5, 0.999, 0],
    [0.9, 0.999, 0.3],
  ])('Adam, β = %d, %d, weight decay %d', async (beta1, beta2, weightDecay) => {
    const rate = 0.01
    const expected = path(() => {
      let [m, v] = [0, 0]
      return (w, gradient, t) => {
        const g = gradient + weightDecay * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        return w - ((rate / (1 - beta1 ** t)) * m) / (Math.sqrt(v) / Math.sqrt(1 - beta2 ** t) + 1e-8)
      }
    })
    expectClose(
      await threeSteps((variables) => adam(variables, {beta1, beta2, weightDecay}), rate),
      expected,
      1e-6,
    )
  })

  test('Adam where ε counts: gradients of its own size', async () => {
    const variables = [tf.variable(tf.tensor1d([0]))]
    using optimiser = adam(variables, {epsilon: 1e-3})
    optimiser.step([tf.tensor1d([1e-3])], 1)
    // m = 0.1 g, v = 0.001 g²; corrected: g / (g + ε) = 1/2
    expectClose(await numbers(variables), [-0.5], 1e-5)
  })

  test('SGD with momentum 0.9 and weight decay 5e-4', async () => {
    const expected = path(() => {
      let buffer: number | undefined
      return (w, g) => {
        const decayed = g + 5e-4 * w
        buffer = buffer === undefined ? decayed : 0.9 * buffer + decayed
        return w - 0.1 * buffer
      }
    })
    const actual = await threeSteps((variables) => sgd(variables, {momentum: 0.9, weightDecay: 5e-4}), 0.1)
    expectClose(actual, expected, 1e-6)
  })

  test('plain SGD', async () => {
    expectClose(
      await threeSteps((variables) => sgd(variables), 0.1),
      path(() => (w, g) => w - 0.1 * g),
      1e-6,
    )
  })

  test('gradients are clipped at norm 5, over all of them, and left alone below', async () => {
    const long = gradientAt(1).map((value) => 10 * value)
    const length = Math.hypot(...long)
    expectClose(
      await numbers(clipByGlobalNorm(asTensors(long), 5)),
      long.map((value) => (value * 5) / (length + 1e-6)),
      1e-6,
    )
    expectClose(await numbers(clipByGlobalNorm(asTensors(gradientAt(1)), 5)), gradientAt(1), 1e-7)
  })
})
