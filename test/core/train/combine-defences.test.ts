import type {Defence, StudentBatch} from '@abd/core'
import {openEngine} from '@abd/core/engine'
import {combineDefences} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

const x = () => tf.zeros<tf.Rank.R4>([1, 2, 2, 3])
const t = () => tf.zeros<tf.Rank.R2>([1, 2])

describe('defences together', () => {
  test('none has no seam', () => {
    const {suspects, synthesisLoss, retrospect} = combineDefences([])
    expect([suspects, synthesisLoss, retrospect]).toEqual([undefined, undefined, undefined])
  })

  test('add their losses up, and keep the seams of each', async () => {
    const asked: string[] = []
    const one: Defence = {
      synthesisLoss: () => tf.scalar(2),
      suspects: () => ({mask: tf.tensor1d([1]), coefficient: 0.5}),
      [Symbol.dispose]: () => void asked.push('one gone'),
    }
    const other: Defence = {
      synthesisLoss: () => tf.scalar(3),
      retrospect: ({index}: StudentBatch) => void asked.push(`step ${index}`),
    }
    const both = combineDefences([one, other])
    expect((await both.synthesisLoss!(x(), t())!.data())[0]).toBe(5)
    expect(both.suspects!(x(), t())!.coefficient).toBe(0.5)
    both.retrospect!({x: x(), teacherLogits: t(), index: 7, steps: 9, divergence: () => tf.scalar(0)})
    both[Symbol.dispose]()
    expect(asked).toEqual(['step 7', 'one gone'])
  })

  test('say what they have to say, one after the other', async () => {
    const saying = (word: string): Defence => ({beforeStep: async (index) => [`${word} ${index}`]})
    const both = combineDefences([saying('one'), {}, saying('other')])
    expect(await both.beforeStep!(4, () => Promise.reject(new Error('not asked for')))).toEqual([
      'one 4',
      'other 4',
    ])
  })

  test('that have nothing to add add nothing', () => {
    expect(combineDefences([{synthesisLoss: () => undefined}]).synthesisLoss!(x(), t())).toBeUndefined()
  })

  test('cannot both say what is suspicious', () => {
    const suspecting: Defence = {suspects: () => ({mask: tf.tensor1d([1]), coefficient: 0.5})}
    expect(() => combineDefences([suspecting, suspecting])).toThrow('suspicious')
    const looking: Defence = {retrospect: () => undefined}
    expect(() => combineDefences([looking, looking])).toThrow('look back')
  })
})
