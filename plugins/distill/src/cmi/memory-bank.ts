import type {Random} from '@abd/core/engine'
import {savedTensor} from '@abd/core/train'
import type {Resumable} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D} from '@tensorflow/tfjs-core'

/** Features of images synthesised before, to tell new ones from: a ring of rows. */
export interface MemoryBank extends Disposable {
  readonly count: number
  /** Appends rows, [n, width]; once `size` is reached the oldest make room. */
  append(rows: Tensor2D): void
  /** So many rows, or all where there are fewer, none twice; undefined where there are none. The caller tidies. */
  sample(count: number, random: Random): Tensor2D | undefined
  readonly state: Resumable
}

/**
 * Departs from the reference implementation's bank, which draws no row at all where it is exactly full, and then takes
 * the mean of nothing.
 */
export function createMemoryBank(size: number, width: number): MemoryBank {
  let rows: Tensor2D = tf.keep(tf.zeros([0, width]))
  return {
    get count() {
      return rows.shape[0]
    },
    append(more) {
      const all = tf.tidy(() => {
        const joined = tf.concat([rows, more], 0)
        const surplus = Math.max(0, joined.shape[0] - size)
        return tf.keep(tf.slice(joined, [surplus, 0]))
      })
      rows.dispose()
      rows = all
    },
    sample(count, random) {
      const have = rows.shape[0]
      if (have === 0 || count === 0) return undefined
      if (count >= have) return tf.clone(rows)
      return tf.gather(rows, tf.tensor1d(random.permutation(have).subarray(0, count), 'int32'))
    },
    state: {
      save: async () =>
        new Map([
          ['rows', {dtype: 'float32', shape: [...rows.shape], data: (await rows.data<'float32'>()).slice()}],
        ]),
      async restore(saved) {
        const {data} = savedTensor(saved, 'rows', {dtype: 'float32'})
        rows.dispose()
        rows = tf.keep(tf.tensor2d(data as Float32Array, [data.length / width, width]))
      },
    },
    [Symbol.dispose]: () => rows.dispose(),
  }
}
