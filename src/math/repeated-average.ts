import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'

/**
 * What `times` updates r ← (1 - m) r + m μ with the same μ lead to, from r and the result of the first of them:
 * (1 - m)^k r + (1 - (1 - m)^k) μ, where μ = r + (once - r) / m.
 */
export const repeatedAverage = <T extends Tensor>(
  before: T,
  once: T,
  {times, momentum}: {readonly times: number; readonly momentum: number},
): T => tf.add(before, tf.mul(tf.sub(once, before), (1 - (1 - momentum) ** times) / momentum))
