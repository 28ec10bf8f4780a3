import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {stopGradient} from './stop-gradient.ts'

/** |x|, differentiable any number of times. Its slope at 0 is 0, as in PyTorch, where tfjs' own is -1. */
export const absolute = <T extends Tensor>(x: T): T => tf.mul(x, stopGradient(tf.sign(x)))
