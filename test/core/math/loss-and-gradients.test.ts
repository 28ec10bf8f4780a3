import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor} from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {lossAndGradients, stopGradient} from '@abd/core/math'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

const number = async (tensor: Tensor | undefined) => (await tensor?.data())?.[0]

describe('lossAndGradients', () => {
  test('gradients by the variables that are named, in their order, and by no others', async () => {
    const [a, b, other] = [tf.variable(tf.scalar(2)), tf.variable(tf.scalar(3)), tf.variable(tf.scalar(5))]
    const f = (): Scalar => tf.mul(tf.mul(a, tf.square(b)), other)

    // a b² c at (2, 3, 5): by b 2abc = 60, by a b²c = 45
    const {loss, gradients} = lossAndGradients([b, a], f)

    expect(await number(loss)).toBe(90)
    expect(await Promise.all(gradients.map(number))).toEqual([60, 45])
  })

  test('by plain tensors too, as images are', async () => {
    const x = tf.scalar(3)

    expect(await number(lossAndGradients([x], () => tf.square(x)).gradients[0])).toBe(6)
  })

  test('what is returned as extra outlives the pass, in any container, and nothing else does', async () => {
    const x = tf.variable(tf.scalar(3))
    const run = () =>
      tf.tidy(() => {
        const {loss, extra} = lossAndGradients([x], () => {
          const square = tf.square(x) as Scalar
          const loss = tf.add<Scalar>(square, 1)
          return {loss, extra: {loss, square, moments: new Map([['mean', tf.add(x, 4)]]), list: [square, x]}}
        })
        return [loss, extra.loss, extra.square, extra.moments.get('mean') as Tensor, extra.list[0] as Tensor]
      })
    tf.dispose(run())
    const {numTensors} = tf.memory()

    const results = run()

    expect(await Promise.all(results.map(number))).toEqual([10, 10, 9, 7, 9])
    tf.dispose(results)
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(await number(x)).toBe(3)
  })

  test('what the way back has done with is let go on the way', () => {
    const x = tf.tensor1d([1, 2])
    const living: number[] = []
    const counted = tf.customGrad((input) => ({
      value: tf.square(input as Tensor),
      gradFunc: (dy: Tensor) => {
        living.push(tf.memory().numTensors)
        return tf.mul(dy, 2)
      },
    }))

    const {loss, gradients} = lossAndGradients([x], () =>
      tf.sum<Scalar>(counted(tf.exp(counted(tf.exp(counted(x)))))),
    )
    tf.dispose([loss, ...gradients])

    expect(living).toHaveLength(3)
    expect(living).toEqual(living.toSorted((a, b) => b - a))
    expect(new Set(living).size).toBe(3)
  })

  test('a gradient that an operation hands on as it is survives', async () => {
    const x = tf.scalar(3)
    const same = tf.customGrad((input) => ({value: tf.clone(input as Tensor), gradFunc: (dy: Tensor) => dy}))

    // (2x)² at 3: 8x
    const {gradients} = lossAndGradients([x], () => tf.square<Scalar>(same(same(tf.mul(x, 2))) as Scalar))

    expect(await number(gradients[0])).toBe(24)
  })

  test('a loss that does not depend on a variable is refused', () => {
    const x = tf.variable(tf.scalar(3))

    expect(() => lossAndGradients([x], () => ({loss: tf.scalar(1), extra: tf.square(x)}))).toThrow(
      'Cannot compute gradient',
    )
  })
})

test('stopGradient: the same numbers, as a constant', async () => {
  const x = tf.scalar(3)

  // x · [x] at 3: 9, with the slope [x] = 3 and not 2x = 6
  const {loss, gradients} = lossAndGradients([x], () => tf.mul<Scalar>(x, stopGradient(x)))

  expect(await number(loss)).toBe(9)
  expect(await number(gradients[0])).toBe(3)
})
