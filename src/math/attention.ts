import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'

const EPSILON = 1e-12

/**
 * The attention map of an activation (Zagoruyko and Komodakis, 2017): the mean over channels of its square, flattened
 * and divided by its Euclidean norm, or by 1e-12 where that is larger. A teacher's maps can be computed once for many
 * student steps on the same images.
 *
 * @param activation [N, H, W, C]
 * @returns [N, H·W]
 */
export function attentionMap(activation: Tensor4D): Tensor2D {
  const map = tf.reshape(energy(activation), [activation.shape[0], -1])
  // The larger of the two under the root: the root's slope at 0 would make NaN of a dead activation's gradient.
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(map), 1, true), EPSILON * EPSILON))
  return tf.div(map, norm)
}

/** The mean over channels of the square; its gradient is one pass over the activation, where tfjs' own is five. */
const energy = tf.customGrad((activation, save) => {
  const x = activation as Tensor
  ;(save as tf.GradSaveFunc)([x])
  return {
    value: tf.mean(tf.square(x), 3),
    gradFunc: (dy: Tensor, [kept]: Tensor[]) =>
      tf.mul(kept as Tensor, tf.expandDims(tf.mul(dy, 2 / (x.shape[3] as number)), 3)),
  }
})

/** Σ over layers of the mean over N and H·W of (Â_student - Â_teacher)². Widths may differ, sizes not. */
export const attentionLoss = (student: readonly Tensor4D[], teacherMaps: readonly Tensor2D[]): Scalar =>
  tf.addN(
    student.map((activation, layer): Scalar => {
      const target = teacherMaps[layer]
      if (!target) throw new RangeError(`There is no attention map of the teacher for layer ${layer}.`)
      return tf.mean(tf.squaredDifference(attentionMap(activation), target))
    }),
  )
