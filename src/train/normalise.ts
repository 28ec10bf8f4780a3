import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Normalisation} from '../data/images.ts'

/** (x - mean) / std a channel, of images in [0, 1]: what `Architecture.forward` takes. The caller tidies. */
export const normalise = (x: Tensor4D, {mean, std}: Normalisation): Tensor4D =>
  tf.div(tf.sub(x, tf.tensor1d([...mean])), tf.tensor1d([...std]))

/** The way back: x · std + mean a channel. */
export const denormalise = (x: Tensor4D, {mean, std}: Normalisation): Tensor4D =>
  tf.add(tf.mul(x, tf.tensor1d([...std])), tf.tensor1d([...mean]))
