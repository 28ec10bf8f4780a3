import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'

const stopped = tf.customGrad((x) => ({
  value: tf.clone(x as Tensor),
  gradFunc: (dy: Tensor) => tf.zerosLike(dy),
}))

/** The same numbers, as a constant: no gradient flows back through them (PyTorch's detach). */
export const stopGradient = <T extends Tensor>(x: T): T => stopped(x) as T

/** What is computed in there, as a constant: nothing of it is recorded, so that nothing is computed backwards. */
export const withoutGradient = <T extends Tensor>(compute: () => T): T =>
  tf.customGrad(() => ({value: compute(), gradFunc: () => []}))()
