import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor1D} from '@tensorflow/tfjs-core'

/*
 * Many tensors as one vector: an optimiser's arithmetic is then a dozen kernels whatever the number of parameters,
 * which counts where a kernel's launch costs more than its work.
 */

export const flatten = (tensors: readonly Tensor[]): Tensor1D =>
  tf.concat1d(tensors.map((tensor) => reshaped<Tensor1D>(tensor, [tensor.size])))

/** The vector cut into tensors of the shapes of `like`. */
export function unflatten(vector: Tensor1D, like: readonly Tensor[]): Tensor[] {
  const pieces = tf.split(
    vector,
    like.map(({size}) => size),
  )
  return pieces.map((piece, index) => reshaped(piece, like[index]?.shape ?? []))
}

export const sizeOf = (tensors: readonly Tensor[]): number => tensors.reduce((sum, {size}) => sum + size, 0)

/** Most parameters are vectors already, and reshaping is a kernel too. */
const reshaped = <T extends Tensor>(tensor: Tensor, shape: number[]): T =>
  (tensor.rank === 1 && shape.length === 1 ? tensor : tf.reshape(tensor, shape)) as T
