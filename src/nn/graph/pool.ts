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
}

/** No activation is as small. */
const LOWEST = -3.4e38

export function largestOf(x: Tensor4D, {size, strides, padding}: Pooling): Tensor4D {
  const twoByTwo = [...size, ...strides].every((n) => n === 2) && padding.every((n) => n === 0)
  if (twoByTwo) return maxPool(x)
  return tf.maxPool(padImage(x, padding, LOWEST), [...size], [...strides], 'valid')
}

export function meanOf(x: Tensor4D, {size, strides, padding, countPadding}: Pooling): Tensor4D {
  const mean = tf.avgPool(padImage(x, padding), [...size], [...strides], 'valid')
  if (countPadding || padding.every((n) => n === 0)) return mean
  const [, height, width] = x.shape
  const share = tf.avgPool(
    padImage(tf.ones([1, height, width, 1]), padding),
    [...size],
    [...strides],
    'valid',
  )
  return tf.div(mean, share)
}
