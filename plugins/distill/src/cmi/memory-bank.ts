import type {Random} from '@abd/core/engine'
import {savedTensor} from '@abd/core/train'
import type {Resumable} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D} from '@tensorflow/tfjs-core'

/** Features of images synthesised before, to tell new ones from: a ring of rows. */
export interface MemoryBank extends Disposable {
  readonly count: number
  /** Forgets all but the last so many. */
  keep(count: number): void
  /** Appends rows, [n, width]; once `size` is reached the oldest make room. */
  append(rows: Tensor2D): void
  /**
   * So many rows, or all where there are fewer, none twice; undefined where nothing was ever appended. The caller tidies.
   */
  sample(count: number, random: Random): Tensor2D | undefined
  readonly state: Resumable
}

/**
 * With `emptyWhenFull` it draws no row at all, [0, width], where as many were appended as it holds, and all of them again
 * after the next: the reference implementation's `n_updates > size`.
 */
export function createMemoryBank(
  size: number,
  width: number,
  {emptyWhenFull = false}: {readonly emptyWhenFull?: boolean} = {},
): MemoryBank {
  let rows: Tensor2D = tf.keep(tf.zeros([0, width]))
  let appended = 0
  const last = (all: Tensor2D, count: number) => {
    const kept = Math.min(count, all.shape[0])
    return tf.keep(tf.slice(all, [all.shape[0] - kept, 0]))
  }
  return {
    get count() {
      return rows.shape[0]
    },
    keep(count) {
      const kept = last(rows, count)
      rows.dispose()
      rows = kept
      appended = rows.shape[0]
    },
    append(more) {
      const all = tf.tidy(() => last(tf.concat([rows, more], 0), size))
      appended += more.shape[0]
      rows.dispose()
      rows = all
    },
    sample(count, random) {
      const have = rows.shape[0]
      if (have === 0 || count === 0) return undefined
      if (emptyWhenFull && appended === size) return tf.zeros([0, width])
      if (count >= have) return tf.clone(rows)
      return tf.gather(rows, tf.tensor1d(random.permutation(have).subarray(0, count), 'int32'))
    },
    state: {
      save: async () =>
        new Map([
          ['rows', {dtype: 'float32', shape: [...rows.shape], data: (await rows.data<'float32'>()).slice()}],
          ['appended', {dtype: 'int32', shape: [], data: Int32Array.of(appended)}],
        ]),
      async restore(saved) {
        const {data} = savedTensor(saved, 'rows', {dtype: 'float32'})
        rows.dispose()
        rows = tf.keep(tf.tensor2d(data as Float32Array, [data.length / width, width]))
        appended = saved.has('appended')
          ? Number(savedTensor(saved, 'appended', {dtype: 'int32', shape: []}).data[0])
          : rows.shape[0]
      },
    },
    [Symbol.dispose]: () => rows.dispose(),
  }
}
