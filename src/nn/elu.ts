import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {exp} from '../math/log-softmax.ts'

/** x where it is positive, else eˣ - 1; differentiable any number of times, where tfjs' own is once. */
export const elu = <T extends Tensor>(x: T): T => unit(x) as T

const unit: (x: Tensor) => Tensor = tf.customGrad((x, save) => {
  ;(save as tf.GradSaveFunc)([x as Tensor])
  return {
    value: tf.elu(x as Tensor),
    gradFunc: (dy: Tensor, [kept]: Tensor[]) => tf.mul(dy, exp(tf.minimum(kept as Tensor, 0))),
  }
})
