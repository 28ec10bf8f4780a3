import {openEngine} from '@abd/core/engine'
import {adam} from '@abd/core/math'
import {studentCourse} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

const courseOf = (changes: {steps?: number; epoch?: number} = {}) => {
  const weight = tf.variable(tf.tensor1d([1, 2]))
  const optimiser = adam([weight])
  return {
    optimiser,
    course: studentCourse({optimiser, steps: 40, rate: () => 0.1, ...changes}),
    [Symbol.dispose]() {
      optimiser[Symbol.dispose]()
      weight.dispose()
    },
  }
}

describe('a stage after a run', () => {
  test('has a cosine of its own over the rest of a run that was left before its end', () => {
    using one = courseOf()
    one.course.beginStage({from: 36, learningRate: 5e-4})
    expect(one.course.steps).toBe(40)
    // 5e-4 · (1 + cos(π t / 4)) / 2
    const rates = [36, 37, 38, 39].map((index) => one.course.rate(index))
    for (const [i, rate] of [5e-4, 4.26777e-4, 2.5e-4, 7.3223e-5].entries())
      expect(rates[i]).toBeCloseTo(rate, 8)
  })

  test('is a tenth of a run that has ended, or as long as is said', () => {
    using one = courseOf()
    one.course.beginStage({from: 40, learningRate: 5e-4})
    expect(one.course.steps).toBe(44)
    using other = courseOf()
    other.course.beginStage({from: 40, learningRate: 5e-4, steps: 7})
    expect(other.course.steps).toBe(47)
  })

  test('begins with the last step before it where that is taken again', () => {
    using one = courseOf()
    one.course.beginStage({from: 37, again: true, learningRate: 5e-4})
    // Steps 36 to 39: those of the first test.
    expect(one.course.steps).toBe(40)
    expect([36, 38].map((index) => one.course.rate(index))).toEqual([5e-4, 2.5e-4])
    using other = courseOf()
    other.course.beginStage({from: 37, again: true, learningRate: 5e-4, steps: 2})
    expect(other.course.steps).toBe(38)
  })

  test('has whole epochs, and in each of them one rate', () => {
    using one = courseOf({epoch: 10})
    one.course.beginStage({from: 40, learningRate: 1, steps: 11})
    expect(one.course.steps).toBe(60)
    // (1 + cos(π t / 2)) / 2 for t = 0, 1
    expect([40, 49, 50, 59].map((index) => one.course.rate(index))).toEqual([1, 1, 0.5, 0.5])
  })

  test('begins with an optimiser that has seen nothing', async () => {
    using one = courseOf()
    tf.tidy(() => {
      one.optimiser.step([tf.tensor1d([3, 4])], 0.1)
    })
    one.course.beginStage({from: 1, learningRate: 5e-4})
    expect(one.optimiser.state.steps).toBe(0)
    for (const average of one.optimiser.state.averages) expect([...(await average.data())]).toEqual([0, 0])
  })

  test('within a run that is taken up again goes on with the optimiser as it was', async () => {
    using one = courseOf()
    tf.tidy(() => {
      one.optimiser.step([tf.tensor1d([3, 4])], 0.1)
    })
    one.course.beginStage({from: 36, steps: 4, learningRate: 5e-4, within: 'goes on'})
    expect([36, 38].map((index) => one.course.rate(index))).toEqual([5e-4, 2.5e-4])
    expect(one.optimiser.state.steps).toBe(1)
    for (const average of one.optimiser.state.averages)
      expect([...(await average.data())].every((value) => value !== 0)).toBe(true)
  })
})
