import {openEngine} from '@abd/core/engine'
import type {Tensor3D} from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {
  ascendPerturbation,
  findPerturbation,
} from '../../../plugins/defend/src/self-retrospection/find-perturbation.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

/** How far it moves answers: ⟨a, δ⟩. */
const along = (a: readonly number[]) => (delta: Tensor3D) => ({
  loss: tf.sum<tf.Scalar>(tf.mul(delta, tf.tensor3d([...a], [1, 1, a.length]))),
  extra: [tf.scalar(1)],
})
const zeros = () => tf.zeros<tf.Rank.R3>([1, 1, 2])

describe('the perturbation', () => {
  test('goes up by the rate a round, whatever the slope: Adam', async () => {
    const {delta, extras} = findPerturbation(zeros(), along([3, -0.2]), {rounds: 3, rate: 0.1, penalty: 0})
    const [first, second] = await delta.data()
    expect(first).toBeCloseTo(0.3, 5)
    expect(second).toBeCloseTo(-0.3, 5)
    expect(extras).toHaveLength(3)
  })

  test('is held back by its length', async () => {
    // 2 δ - ‖δ‖² is highest at 1.
    const {delta} = findPerturbation(zeros(), along([2, 0]), {rounds: 400, rate: 0.05, penalty: 1})
    expect((await delta.data())[0]).toBeCloseTo(1, 2)
  })

  test('without hypergradient goes up by ten times the slope, to a length of 10 at most', async () => {
    const short = ascendPerturbation(zeros(), along([0.1, -0.2]), 2).delta
    expect([...(await short.data())].map((value) => value.toFixed(4))).toEqual(['2.0000', '-4.0000'])
    const long = ascendPerturbation(zeros(), along([3, 4]), 2).delta
    expect([...(await long.data())].map((value) => value.toFixed(4))).toEqual(['6.0000', '8.0000'])
  })
})
