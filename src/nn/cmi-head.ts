import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D} from '@tensorflow/tfjs-core'
import type {Layout, Parameters} from './architecture.ts'
import {relu} from './relu.ts'
import {startPass} from './pass.ts'
import {linear} from './specification.ts'

/** What CMI compares images by: a projection of a teacher's features. */
export interface ProjectionHead extends Layout {
  /** [B, F] to [B, D], rows of length 1. */
  forward(parameters: Parameters, features: Tensor2D): Tensor2D
}

/** Linear, ReLU, linear to `outputs`, and each row divided by its length (CMI, Fang et al., 2021). */
export const cmiHead = (features: number, outputs = 256): ProjectionHead => ({
  name: 'cmi-head',
  parameters: new Map([
    ...linear('head.0', {inputs: features, outputs: features}),
    ...linear('head.2', {inputs: features, outputs}),
  ]),
  forward(parameters, x) {
    const pass = startPass(parameters, 'eval')
    const y = pass.linear('head.2', relu(pass.linear('head.0', x)))
    const length = tf.sqrt(tf.sum(tf.square(y), 1, true))
    return tf.div(y, tf.maximum(length, 1e-12))
  },
})
