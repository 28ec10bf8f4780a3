import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {adversarialLoss, agreement, contrastiveLoss, inversionLoss} from '@abd/core/math'
import {beforeAll, describe, expect, test} from 'vitest'
import {createMemoryBank} from '../../plugins/distill/src/cmi/memory-bank.ts'
import {applyView, cropWeights} from '../../plugins/distill/src/inversion/views.ts'
import {expectClose, images, matrix, sum} from './golden.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

test('G5: the distance of a batch from running statistics', async () => {
  const r = inversionLoss(images([3, 2, 2, 2], 0.6), {
    mean: tf.tensor1d([0.1, -0.2]),
    variance: tf.tensor1d([0.8, 1.1]),
  })
  expectClose(await r.data(), [1.099769194], 1e-5)
})

describe('G6: the losses of CMI', () => {
  const rows = (a: number): Tensor2D => {
    const x = matrix([5, 4], a)
    return tf.div(x, tf.norm(x, 2, 1, true))
  }

  test('contrast, three rows synthesised now and two remembered', async () => {
    const loss = contrastiveLoss(rows(0.5), rows(1.1), {temperature: 0.1, current: 3})
    expectClose(await loss.data(), [19.4535575], 1e-5)
  })

  test('contrast, nothing remembered yet: the mean of the rows', async () => {
    const loss = contrastiveLoss(rows(0.5), rows(1.1), {temperature: 0.1, current: 5})
    const mean = sum([7.345760251, 18.3058484, 0.0001434657425, 12.93169212, 8.874254805]) / 5
    expectClose(await loss.data(), [mean], 1e-5)
  })

  test('disagreement, sought where there is none', async () => {
    const [s, t] = [matrix([4, 5], 0.7, {scale: 3}), matrix([4, 5], 1.3, {scale: 3})]
    expect([...(await agreement(t, s).data())]).toEqual([0, 0, 1, 0])
    expectClose(await adversarialLoss(s, t).data(), [-0.287650347], 1e-5)
  })
})

test('G10: a crop stretched over the image, corners on corners', async () => {
  const matrixOf = (start: number, length: number) =>
    tf.tensor3d([cropWeights(32, start, length) as number[][]])
  const view = {rows: matrixOf(3, 20), columns: matrixOf(5, 16)}
  const y = await applyView(images([1, 1, 32, 32], 0.05), view).data()
  expectClose(y.slice(0, 3), [-0.9258146823, -0.9161140174, -0.9064133525], 1e-6)
  expectClose(y.slice(-3), [-0.9972760838, -0.994940829, -0.9926055741], 1e-6)
  expect(sum(y)).toBeCloseTo(-10.41871807, 3)
})

describe('G17: the memory bank', () => {
  const batch = (value: number) => tf.fill<tf.Rank.R2>([256, 2], value)
  const drawn = (bank: ReturnType<typeof createMemoryBank>) =>
    bank.sample(4096, createRandom('bank'))?.shape[0] ?? 0

  test('gives 0, 256, 512, … and from the sixteenth epoch on 4096 rows, when exactly full, too', () => {
    using bank = createMemoryBank(40_960, 2)
    const counts = Array.from({length: 162}, (_, epoch) => {
      const count = tf.tidy(() => drawn(bank))
      tf.tidy(() => bank.append(batch(epoch)))
      return count
    })
    expect(counts.slice(0, 4)).toEqual([0, 256, 512, 768])
    expect(counts.slice(15, 18)).toEqual([3840, 4096, 4096])
    expect(counts[160]).toBe(4096) // the reference implementation has 0 here
    expect(bank.count).toBe(40_960)
  })

  test('emptyWhenFull: none in epoch 160, when exactly full, and 4096 again in epoch 161', () => {
    using bank = createMemoryBank(40_960, 2, {emptyWhenFull: true})
    const counts = Array.from({length: 163}, (_, epoch) => {
      const count = tf.tidy(() => drawn(bank))
      tf.tidy(() => bank.append(batch(epoch)))
      return count
    })
    expect(counts.slice(158, 163)).toEqual([4096, 4096, 0, 4096, 4096])
  })

  test('emptyWhenFull: a checkpoint knows how many rows there ever were', async () => {
    const column = (...values: number[]) => tf.tensor2d(values, [values.length, 1])
    for (const [more, count] of [
      [[3, 4], 0],
      [[3, 4, 5], 4],
    ] as const) {
      using bank = createMemoryBank(4, 1, {emptyWhenFull: true})
      bank.append(column(1, 2))
      bank.append(column(...more))
      using other = createMemoryBank(4, 1, {emptyWhenFull: true})
      await other.state.restore(await bank.state.save())
      expect(drawn(other)).toBe(count)
    }
  })

  test('forgets all but the last, where it is told to', async () => {
    using bank = createMemoryBank(4, 1)
    bank.append(tf.tensor2d([1, 2, 3], [3, 1]))
    bank.keep(2)
    expect([...(await bank.sample(9, createRandom(1))!.data())]).toEqual([2, 3])
    bank.keep(0)
    expect(bank.sample(9, createRandom(1))).toBeUndefined()
  })

  test('forgets the oldest, and gives no row twice', async () => {
    using bank = createMemoryBank(4, 1)
    const column = (...values: number[]) => tf.tensor2d(values, [values.length, 1])
    bank.append(column(1, 2, 3))
    bank.append(column(4, 5))
    const all = await bank.sample(9, createRandom(1))!.data()
    expect([...all]).toEqual([2, 3, 4, 5])
    const three = [...(await bank.sample(3, createRandom(1))!.data())]
    expect(new Set(three).size).toBe(3)
  })
})
