import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor2D} from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {
  attentionLoss,
  attentionMap,
  klElements,
  klMean,
  lossAndGradients,
  shuffleTail,
  vaccineLoss,
} from '@abd/core/math'
import fc from 'fast-check'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

const logitsPair = fc
  .tuple(fc.integer({min: 1, max: 4}), fc.integer({min: 2, max: 6}), fc.integer({min: 1, max: 20}))
  .chain(([rows, classes, temperature]) => {
    const row = fc.array(fc.double({min: -30, max: 30, noNaN: true}), {
      minLength: classes,
      maxLength: classes,
    })
    const logits = fc.array(row, {minLength: rows, maxLength: rows})
    return fc.record({student: logits, target: logits, temperature: fc.constant(temperature)})
  })

/** In double precision. */
function softmax(row: readonly number[], temperature: number): number[] {
  const largest = Math.max(...row)
  const powers = row.map((value) => Math.exp((value - largest) / temperature))
  const total = powers.reduce((a, b) => a + b, 0)
  return powers.map((value) => value / total)
}

describe('klElements', () => {
  test('is p (ln p - ln q), whatever the logits', async () => {
    await fc.assert(
      fc.asyncProperty(logitsPair, async ({student, target, temperature}) => {
        const actual = await klElements(tf.tensor2d(student), tf.tensor2d(target), temperature).array()
        for (const [n, row] of target.entries()) {
          const p = softmax(row, temperature)
          const q = softmax(student[n] ?? [], temperature)
          for (const [c, value] of p.entries())
            expect(actual[n]?.[c]).toBeCloseTo(value * (Math.log(value) - Math.log(q[c] ?? NaN)), 3)
        }
      }),
      {numRuns: 40},
    )
  })

  test('where p vanishes the summand does, even beside impossible classes', async () => {
    const values = await klElements(tf.tensor2d([[0, 0]]), tf.tensor2d([[0, -1e4]])).data()

    // p = (1, 0), q = (1/2, 1/2): ln 2 and 0
    expect(values[0]).toBeCloseTo(Math.LN2, 6)
    expect(values[1]).toBeCloseTo(0, 10)
  })

  test('by the target its gradient is p (ℓ - Σ p ℓ) / (T N C), ℓ = ln p - ln q', async () => {
    const [s, t] = [tf.tensor2d([[1, 2, 0.5]]), tf.tensor2d([[0.2, -1, 1]])]
    const temperature = 2
    const {gradients} = lossAndGradients([t], () => klMean(s, t, temperature))
    const p = softmax([0.2, -1, 1], temperature)
    const q = softmax([1, 2, 0.5], temperature)
    const l = p.map((value, c) => Math.log(value / (q[c] ?? NaN)))
    const mean = p.reduce((sum, value, c) => sum + value * (l[c] ?? NaN), 0)

    const actual = await (gradients[0] as Tensor2D).data()
    for (const [c, value] of p.entries())
      expect(actual[c]).toBeCloseTo((value * ((l[c] ?? NaN) - mean)) / (temperature * 3), 6)
  })
})

describe('attention', () => {
  test('a dead activation has a map of zeros and a gradient of zeros, not NaN', async () => {
    const dead = tf.zeros<tf.Rank.R4>([1, 2, 2, 3])
    const alive = attentionMap(tf.ones([1, 2, 2, 5]))
    const {loss, gradients} = lossAndGradients([dead], () => attentionLoss([dead], [alive]))

    // All of the other's four places are 1/2: the mean of (0 - 1/2)²
    expect((await loss.data())[0]).toBeCloseTo(0.25, 6)
    expect([...(await (gradients[0] as Tensor).data())].map(Math.abs)).toEqual(Array(12).fill(0))
  })

  test('the gradient is that of finite differences', async () => {
    const values = Array.from({length: 16}, (_, i) => Math.sin(i + 1))
    const target = attentionMap(
      tf.tensor4d(
        values.map((value) => Math.cos(3 * value)),
        [2, 2, 2, 2],
      ),
    )
    const at = (moved: readonly number[]) => attentionLoss([tf.tensor4d([...moved], [2, 2, 2, 2])], [target])
    const x = tf.tensor4d(values, [2, 2, 2, 2])
    const gradient = await (
      lossAndGradients([x], () => attentionLoss([x], [target])).gradients[0] as Tensor
    ).data()

    for (const index of [0, 5, 10, 15]) {
      const move = (by: number) => at(values.map((value, i) => (i === index ? value + by : value))).data()
      const slope = (((await move(1e-2))[0] ?? NaN) - ((await move(-1e-2))[0] ?? NaN)) / 2e-2
      expect(Math.abs((gradient[index] ?? NaN) - slope)).toBeLessThan(1e-3)
    }
  })

  test('a teacher with fewer layers is refused', () => {
    expect(() => attentionLoss([tf.ones([1, 2, 2, 3])], [])).toThrow(
      'no attention map of the teacher for layer 0',
    )
  })
})

describe('vaccineLoss', () => {
  test('is 0, with a gradient of 0, where nobody agrees', async () => {
    const [t, u] = [tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 1]])]
    const {loss, gradients} = lossAndGradients([t, u], () => vaccineLoss(t, u, 0.1))

    expect(Math.abs((await loss.data())[0] ?? NaN)).toBe(0)
    for (const gradient of gradients) expect([...(await gradient.data())].map(Math.abs)).toEqual([0, 0])
  })
})

describe('shuffleTail', () => {
  test('takes divergences of 0 and below as 1e-12', () => {
    const healthy = Array<number>(99).fill(1)

    // 99 logarithms of 0 and one of -12: mean -0.12, deviation 12 √(0.01 · 0.99) = 1.194; -12 lies 10 below
    const tail = shuffleTail([...healthy, 0])
    expect(tail).toEqual(shuffleTail([...healthy, -1e-9]))
    expect(tail.mean).toBeCloseTo(-0.12, 10)
    expect(tail.standardDeviation).toBeCloseTo(12 * Math.sqrt(0.0099), 10)
    expect(tail).toMatchObject({count: 1, ratio: 0.01, found: false})
  })
})
