import type {Random} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor1D, Variable} from '@tensorflow/tfjs-core'

/** How triggers are written as numbers that a gradient can move: one trigger for each of `count` classes. */
export interface TriggerForm extends Disposable {
  readonly variables: readonly Variable[]
  /** [1 or count, n, H, W, C] to [count, n, H, W, C], in [0, 1]. */
  apply(x: Tensor): Tensor
  /** How large each trigger is; what is made small. [count] */
  sizes(): Tensor1D
  /** The size beyond which a trigger is no finding: the whole image. */
  readonly largest: number
  /** Each trigger as it is applied, x · keep + add: [count, H, W, C] twice. */
  parts(): {readonly keep: Tensor; readonly add: Tensor}
}

export type TriggerFormName = 'mask' | 'perturbation'

export interface FormOf {
  readonly count: number
  /** Height, width, channels. */
  readonly input: readonly [number, number, number]
  readonly random: Random
}

/** Where a fresh mask starts: sigmoid(−1.5) = 0.18 of every pixel, a little more or less. */
const MASK_START = -1.5

/**
 * Neural Cleanse's trigger (Wang et al., IEEE S&P 2019, equation 2): (1 − m) · x + m · p, one mask for all channels, its size
 * the sum of the mask, in pixels. Mask and pattern are sigmoids of what is moved.
 */
export function maskForm({count, input: [height, width, channels], random}: FormOf): TriggerForm {
  const draw = (name: string, shape: number[], mean: number, deviation: number): Variable =>
    tf.tidy(() => tf.variable(random.fork(name).normalTensor(shape, mean, deviation)))
  const mask = draw('mask', [count, 1, height, width, 1], MASK_START, 0.1)
  const pattern = draw('pattern', [count, 1, height, width, channels], 0, 1)
  const m = () => tf.sigmoid(mask)
  return {
    variables: [mask, pattern],
    largest: height * width,
    apply(x) {
      const share = m()
      return tf.add(tf.mul(x, tf.sub(1, share)), tf.mul(tf.sigmoid(pattern), share))
    },
    sizes: () => tf.sum(m(), [1, 2, 3, 4]),
    parts() {
      const share = tf.squeeze(m(), [1])
      return {
        keep: tf.tile(tf.sub(1, share), [1, 1, 1, channels]),
        add: tf.mul(tf.squeeze(tf.sigmoid(pattern), [1]), share),
      }
    },
    [Symbol.dispose]: () => tf.dispose([mask, pattern]),
  }
}

/**
 * A universal perturbation for each class (Moosavi-Dezfooli et al., CVPR 2017, targeted): x + δ, clipped to [0, 1]; its
 * size the Euclidean norm of δ.
 */
export function perturbationForm({count, input: [height, width, channels], random}: FormOf): TriggerForm {
  const delta = tf.tidy(() =>
    tf.variable(random.fork('delta').normalTensor([count, 1, height, width, channels], 0, 0.01)),
  )
  return {
    variables: [delta],
    largest: Math.sqrt(height * width * channels),
    apply: (x) => tf.clipByValue(tf.add(x, delta), 0, 1),
    sizes: () => tf.sqrt(tf.add(tf.sum(tf.square(delta), [1, 2, 3, 4]), 1e-12)),
    parts() {
      const add = tf.squeeze(delta, [1])
      return {keep: tf.onesLike(add), add}
    },
    [Symbol.dispose]: () => tf.dispose(delta),
  }
}
