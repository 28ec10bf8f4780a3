import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {
  absoluteDifference,
  activationLoss,
  classBalanceLoss,
  jensenShannon,
  lossAndGradients,
  oneHotLoss,
  totalVariation,
} from '@abd/core/math'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

/** Value and gradients, rounded to what float32 can say. */
async function valueAndGradients(variables: Tensor[], loss: () => Scalar) {
  const {loss: value, gradients} = lossAndGradients(variables, loss)
  return {
    value: (await value.data())[0]!,
    gradients: await Promise.all(gradients.map(async (each) => [...(await each.data())])),
  }
}

const expectClose = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((value, i) => expect(actual[i], `[${i}]`).toBeCloseTo(value, 5))
}

/** Logits of these probabilities, at a temperature. */
const logitsOf = (rows: readonly (readonly number[])[], temperature = 1): Tensor2D =>
  tf.tensor2d(rows.map((row) => row.map((p) => temperature * Math.log(p))))

describe('absoluteDifference', () => {
  test('is |s - t|, with the slope of its sign, and none where both are the same', async () => {
    const s = tf.tensor2d([
      [1, -2],
      [0, 3],
    ])
    const t = tf.tensor2d([
      [0, 1],
      [0, 5],
    ])
    // |1| |-3| |0| |-2|, mean 6 / 4
    expectClose([...(await absoluteDifference(s, t).data())], [1, 3, 0, 2])
    const {value, gradients} = await valueAndGradients([s, t], () => tf.mean(absoluteDifference(s, t)))
    expect(value).toBeCloseTo(1.5, 6)
    expectClose(gradients[0]!, [0.25, -0.25, 0, -0.25])
    expectClose(gradients[1]!, [-0.25, 0.25, 0, 0.25])
  })
})

test('absoluteDifference differentiates twice: Σ |x² - t| has the slope ±2x, and that the slope ±2', async () => {
  const t = tf.tensor2d([[1, 9]])
  const f = (x: Tensor) => tf.sum(absoluteDifference(tf.square(x as Tensor2D), t))
  const slope = tf.grad(f)
  const x = tf.tensor2d([[2, 2]])
  expectClose([...(await slope(x).data())], [4, -4])
  expectClose(
    [
      ...(await tf
        .grad((y: Tensor) => tf.sum(slope(y)))(x)
        .data()),
    ],
    [2, -2],
  )
})

describe('activationLoss', () => {
  test('is minus the mean of |f|', async () => {
    const features = tf.tensor2d([
      [1, -2, 0],
      [3, 0, 0],
    ])
    // -(1 + 2 + 3) / 6; the slope is minus the sign over 6
    const {value, gradients} = await valueAndGradients([features], () => activationLoss(features))
    expect(value).toBeCloseTo(-1, 6)
    expectClose(gradients[0]!, [-1 / 6, 1 / 6, 0, -1 / 6, 0, 0])
  })
})

describe('oneHotLoss', () => {
  test('is the cross-entropy with the largest, by which no gradient flows', async () => {
    const logits = logitsOf([
      [0.7, 0.2, 0.1],
      [0.25, 0.5, 0.25],
    ])
    // -(ln 0.7 + ln 0.5) / 2 = (0.356675 + 0.693147) / 2; the slope is (p - one-hot) / 2
    const {value, gradients} = await valueAndGradients([logits], () => oneHotLoss(logits))
    expect(value).toBeCloseTo(0.524911, 5)
    expectClose(gradients[0]!, [-0.15, 0.1, 0.05, 0.125, -0.25, 0.125])
  })
})

describe('classBalanceLoss', () => {
  test('is Σ p̄ ln p̄ of the mean probabilities', async () => {
    const rows = [
      [0.7, 0.2, 0.1],
      [0.25, 0.5, 0.25],
    ] as const
    const logits = logitsOf(rows)
    // p̄ = 0.475 0.35 0.175: -0.353609 - 0.367438 - 0.305020
    const {value, gradients} = await valueAndGradients([logits], () => classBalanceLoss(logits))
    expect(value).toBeCloseTo(-1.026067, 5)
    // p (g - Σ p g) / N, g = ln p̄ + 1
    const g = [0.475, 0.35, 0.175].map((share) => Math.log(share) + 1)
    const expected = rows.flatMap((p) => {
      const mean = p.reduce((sum, value, c) => sum + value * g[c]!, 0)
      return p.map((value, c) => (value * (g[c]! - mean)) / 2)
    })
    expectClose(gradients[0]!, expected)
  })

  test('is least, -ln C, where all classes come alike, though each image be sure', async () => {
    const sure = tf.tensor2d([
      [90, 0, 0],
      [0, 90, 0],
      [0, 0, 90],
    ])
    expect((await classBalanceLoss(sure).data())[0]).toBeCloseTo(-Math.log(3), 5)
  })

  test('is 0, with a finite gradient, where nothing falls on a class', async () => {
    const logits = tf.tensor2d([[500, 0, 0]])
    const {value, gradients} = await valueAndGradients([logits], () => classBalanceLoss(logits))
    expect(Math.abs(value)).toBe(0)
    expect(gradients[0]!.every(Number.isFinite)).toBe(true)
  })
})

describe('jensenShannon', () => {
  test('is ½ KL(m ‖ p) + ½ KL(m ‖ q) at its temperature, in the mean over the batch', async () => {
    const same = [0.3, 0.7]
    const student = logitsOf([[0.6, 0.4], same], 3)
    const teacher = logitsOf([[0.2, 0.8], same], 3)
    // m = 0.4 0.6: 0.4 (ln 0.4 - ½ ln 0.12) + 0.6 (ln 0.6 - ½ ln 0.32) = 0.057536 + 0.035335; the second row 0
    expect((await jensenShannon(student, teacher, 3).data())[0]).toBeCloseTo(0.092871 / 2, 5)
  })

  test('clamps probabilities to 0.01 … 0.99, from where no gradient flows', async () => {
    const [student, teacher] = [tf.tensor2d([[50, 0]]), tf.tensor2d([[0, 50]])]
    // p = 0.99 0.01, q = 0.01 0.99, m = ½ ½: ln ½ - ½ (ln 0.99 + ln 0.01) = 1.614463
    const {value, gradients} = await valueAndGradients([student, teacher], () =>
      jensenShannon(student, teacher),
    )
    expect(value).toBeCloseTo(1.614463, 5)
    for (const gradient of gradients) expectClose(gradient, [0, 0])
  })

  test('its gradient is that of finite differences', async () => {
    const at = (moved: number) => tf.tensor2d([[0.3 + moved, -0.2, 0.5]])
    const teacher = tf.tensor2d([[-0.4, 0.6, 0.1]])
    const student = at(0)
    const {gradients} = await valueAndGradients([student], () => jensenShannon(student, teacher, 3))
    const [up, down] = await Promise.all(
      [0.1, -0.1].map(async (by) => (await jensenShannon(at(by), teacher, 3).data())[0]!),
    )
    expect(gradients[0]![0]).toBeCloseTo((up! - down!) / 0.2, 4)
    expect(Math.abs(gradients[0]![0]!)).toBeGreaterThan(1e-3)
  })
})

describe('totalVariation', () => {
  const image = (rows: readonly (readonly number[])[]): Tensor4D =>
    tf.tensor4d(rows.flat(), [1, rows.length, rows[0]!.length, 1])

  test('adds up the mean differences to four neighbours', async () => {
    const square = image([
      [1, 2],
      [4, 8],
    ])
    // right (1 + 4) / 2, below (3 + 6) / 2, below to the left |4 - 2|, below to the right |1 - 8|
    expect((await totalVariation(square).data())[0]).toBeCloseTo(2.5 + 4.5 + 2 + 7, 5)
    const wide = image([
      [0, 0, 1],
      [0, 3, 0],
    ])
    // (0 + 1 + 3 + 3) / 4, (0 + 3 + 1) / 3, (0 + 2) / 2, (3 + 0) / 2
    expect((await totalVariation(wide).data())[0]).toBeCloseTo(7 / 4 + 4 / 3 + 1 + 3 / 2, 5)
  })

  test('leaves what is flat alone', async () => {
    const flat = tf.fill<tf.Rank.R4>([1, 3, 3, 2], 0.5)
    const {value, gradients} = await valueAndGradients([flat], () => totalVariation(flat))
    expect(value).toBe(0)
    expectClose(gradients[0]!, Array<number>(18).fill(0))
  })
})
