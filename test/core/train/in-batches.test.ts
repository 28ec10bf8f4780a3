import type {Images} from '@abd/core/data'
import {openEngine} from '@abd/core/engine'
import {inBatches} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

const images = (count: number): Images => ({
  count,
  height: 1,
  width: 1,
  channels: 1,
  data: Uint8Array.from({length: count}, (_, i) => i),
})

const both = (x: tf.Tensor4D, indices: Int32Array) => ({
  doubled: tf.mul(x, 2 * 255),
  twice: tf.mul(tf.tensor1d(indices, 'int32'), tf.scalar(2, 'int32')),
})

describe('inBatches', () => {
  test('gives what was computed of all images, in their order, with what they are', async () => {
    const seen: number[][] = []
    const advanced: number[] = []
    const task = {advance: (by: number) => void advanced.push(by), end: () => undefined}
    const before = tf.memory().numTensors
    for await (const {indices, values} of inBatches(images(5), both, {most: 2, task})) {
      // Nothing is held while somebody looks.
      expect(tf.memory().numTensors).toBe(before)
      expect(values.twice).toBeInstanceOf(Int32Array)
      seen.push([...indices], [...values.doubled], [...values.twice])
    }
    expect(seen).toEqual([[0, 1], [0, 2], [0, 2], [2, 3], [4, 6], [4, 6], [4], [8], [8]])
    expect(advanced).toEqual([2, 2, 1])
    expect(tf.memory().numTensors).toBe(before)
  })

  test('has nothing to give of no images', async () => {
    for await (const _ of inBatches(images(0), both)) throw new Error('A batch of nothing.')
  })

  test('ends at the signal before the next batch, and leaves nothing behind', async () => {
    const abort = new AbortController()
    const before = tf.memory().numTensors
    let batches = 0
    const run = async () => {
      for await (const _ of inBatches(images(5), both, {most: 2, signal: abort.signal})) {
        batches++
        abort.abort(new Error('interrupted'))
      }
    }
    await expect(run()).rejects.toThrow('interrupted')
    expect(batches).toBe(1)
    expect(tf.memory().numTensors).toBe(before)
  })

  test('leaves nothing behind where the work fails or nobody listens any longer', async () => {
    const before = tf.memory().numTensors
    for await (const _ of inBatches(images(5), both, {most: 2})) break
    const fails = async () => {
      const work = (x: tf.Tensor4D, [first]: Int32Array) => {
        const doubled = tf.mul(x, 2)
        if (first === 2) throw new Error('no more')
        return {doubled}
      }
      for await (const _ of inBatches(images(5), work, {most: 2}));
    }
    await expect(fails()).rejects.toThrow('no more')
    expect(tf.memory().numTensors).toBe(before)
  })
})
