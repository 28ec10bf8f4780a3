import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {tinyModel} from '@abd/core/testing'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, expect, it} from 'vitest'
import {bestWeights} from '../../../plugins/attack/src/best-weights.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('cpu')
  return () => engine[Symbol.asyncDispose]()
})

it('brings back the first of the best, and keeps no other', async () => {
  using model = tinyModel(createRandom(0))
  const {network} = model
  const variable = [...network.parameters.values()][0]!
  const setTo = (value: number) => tf.tidy(() => variable.assign(tf.fill(variable.shape, value)))
  const before = tf.memory().numTensors
  {
    using best = bestWeights(network)
    best.restore()
    for (const [value, score] of [
      [1, 0.5],
      [2, 0.9],
      [3, 0.9],
      [4, 0.7],
    ] as const) {
      setTo(value)
      best.offer(score)
    }
    expect(tf.memory().numTensors - before).toBe(network.parameters.size)
    best.restore()
    expect((await variable.data())[0]).toBe(2)
  }
  expect(tf.memory().numTensors).toBe(before)
})

it('goes on with the best that was saved', async () => {
  using model = tinyModel(createRandom(0))
  const {network} = model
  const variable = [...network.parameters.values()][0]!
  const setTo = (value: number) => tf.tidy(() => variable.assign(tf.fill(variable.shape, value)))
  using best = bestWeights(network)
  setTo(7)
  best.offer(0.9)
  const saved = await best.state.save()

  using later = bestWeights(network)
  await later.state.restore(saved)
  setTo(8)
  expect(later.offer(0.9)).toBe(false)
  later.restore()

  expect((await variable.data())[0]).toBe(7)
})
