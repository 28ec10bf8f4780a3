import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor4D} from '@tensorflow/tfjs-core'

/**
 * The largest of every two by two, [B, H, W, C] to [B, ⌊H / 2⌋, ⌊W / 2⌋, C]; differentiable any number of times, where
 * tfjs' own is once. Of equal ones the first has the gradient, as in PyTorch.
 */
export const maxPool = (x: Tensor4D): Tensor4D => pooled(x) as Tensor4D

const pooled: (x: Tensor) => Tensor = tf.customGrad((x, save) => {
  ;(save as tf.GradSaveFunc)([x as Tensor])
  return {
    value: tf.maxPool(x as Tensor4D, 2, 2, 'valid'),
    gradFunc: (dy: Tensor, [kept]: Tensor[]) => {
      const [batch, height, width, channels] = kept!.shape as Tensor4D['shape']
      const [, h, w] = dy.shape as Tensor4D['shape']
      const slopes = tf.reshape(dy, [batch * h, 1, w, channels])
      const spread = tf.mul(
        chosen(kept!),
        tf.concat([tf.tile(slopes, [1, 2, 1, 1]), tf.tile(slopes, [1, 2, 1, 1])], 3),
      )
      return tf.pad(tf.reshape(spread, [batch, 2 * h, 2 * w, channels]), [
        [0, 0],
        [0, height - 2 * h],
        [0, width - 2 * w],
        [0, 0],
      ])
    },
  }
})

/** Ones where the largest of a window stands, else zeros, a constant: [B · h, 2, w, 2 C], as x lies in memory. */
const chosen: (x: Tensor) => Tensor = tf.customGrad((x) => {
  const {shape} = x as Tensor4D
  const [batch, height, width, channels] = shape
  const [h, w] = [Math.floor(height / 2), Math.floor(width / 2)]
  const even = tf.slice(x as Tensor4D, [0, 0, 0, 0], [batch, 2 * h, 2 * w, channels])
  const windows = tf.reshape(even, [batch * h, 2, w, 2 * channels])
  const at = (row: number, column: number) =>
    tf.slice(windows, [0, row, 0, column * channels], [-1, 1, -1, channels])
  const places = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)]
  const largest = places.reduce((a, b) => tf.maximum<Tensor4D>(a, b))
  let open = tf.onesLike(largest)
  const [a, b, c, d] = places.map((place) => {
    const first: Tensor4D = tf.mul(open, tf.cast(tf.equal<Tensor4D>(place, largest), 'float32'))
    open = tf.sub<Tensor4D>(open, first)
    return first
  }) as [Tensor4D, Tensor4D, Tensor4D, Tensor4D]
  return {value: tf.concat([tf.concat([a, b], 3), tf.concat([c, d], 3)], 1), gradFunc: () => tf.zeros(shape)}
})
