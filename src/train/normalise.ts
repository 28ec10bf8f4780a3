import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Normalisation} from '../data/images.ts'

/** (x - mean) / std a channel, of images in [0, 1]: what `Architecture.forward` takes. The caller tidies. */
export const normalise = (x: Tensor4D, {mean, std}: Normalisation): Tensor4D =>
  tf.div(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d([...std]))

/** The way back: x · std + mean a channel. */
export const denormalise = (x: Tensor4D, {mean, std}: Normalisation): Tensor4D =>
  tf.add(tf.mul(x, tf.tensor1d([...std])), tf.tensor1d([...mean]))

/** From images normalised for one model to images normalised for another. */
export function renormaliser(one: Normalisation, other: Normalisation): (x: Tensor4D) => Tensor4D {
  const [from, to] = [one, other].map(({mean, std}) => [...mean, ...std].join())
  return from === to ? (x) => x : (x) => normalise(denormalise(x, one), other)
}
