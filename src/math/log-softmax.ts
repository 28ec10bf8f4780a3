import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'

/*
 * tfjs keeps the *result* of exp and logSoftmax for their gradients and records that copy before the operation itself,
 * so that a second differentiation loses every term that goes through it, silently. These keep their argument.
 */

/** ln softmax over the last axis; differentiable any number of times. */
export const logSoftmax = <T extends Tensor>(x: T): T => logs(x) as T

/** eˣ, differentiable any number of times. */
export const exp = <T extends Tensor>(x: T): T => exponential(x) as T

type Operation = (x: Tensor) => Tensor

const logs: Operation = tf.customGrad((x, save) => {
  ;(save as tf.GradSaveFunc)([x as Tensor])
  return {
    value: tf.logSoftmax(x as Tensor),
    gradFunc: (dy: Tensor, [kept]: Tensor[]) =>
      tf.sub(dy, tf.mul(tf.sum(dy, -1, true), exponential(logs(kept as Tensor)))),
  }
})

const exponential: Operation = tf.customGrad((x, save) => {
  ;(save as tf.GradSaveFunc)([x as Tensor])
  return {
    value: tf.exp(x as Tensor),
    gradFunc: (dy: Tensor, [kept]: Tensor[]) => tf.mul(dy, exponential(kept as Tensor)),
  }
})
