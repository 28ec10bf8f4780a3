import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {maxPool} from '../max-pool.ts'
import {padImage, type Padding} from './convolve.ts'

export interface Pooling {
  readonly size: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: Padding
  /** Whether zeros that pad count in a mean. */
  readonly countPadding: boolean
  /** Of the padding at the end, below and to the right: what a last, cut-off window reaches beyond; it never counts. */
  readonly beyond?: readonly [number, number]
}

/** No activation is as small. */
const LOWEST = -3.4e38

export function largestOf(x: Tensor4D, {size, strides, padding}: Pooling): Tensor4D {
  const twoByTwo = [...size, ...strides].every((n) => n === 2) && padding.every((n) => n === 0)
  if (twoByTwo) return maxPool(x)
  return tf.maxPool(padImage(x, padding, LOWEST), [...size], [...strides], 'valid')
}

export function meanOf(
  x: Tensor4D,
  {size, strides, padding, countPadding, beyond = [0, 0]}: Pooling,
): Tensor4D {
  const mean = tf.avgPool(padImage(x, padding), [...size], [...strides], 'valid')
  const uncounted: Padding = countPadding ? [0, beyond[0], 0, beyond[1]] : padding
  if (uncounted.every((n) => n === 0)) return mean
  const [, height, width] = x.shape
  const counted = [0, 1, 2, 3].map((i) => padding[i]! - uncounted[i]!)
  const ones = tf.ones<tf.Rank.R4>([
    1,
    height + counted[0]! + counted[1]!,
    width + counted[2]! + counted[3]!,
    1,
  ])
  const share = tf.avgPool(padImage(ones, uncounted), [...size], [...strides], 'valid')
  return tf.div(mean, share)
}
