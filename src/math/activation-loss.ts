import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D} from '@tensorflow/tfjs-core'
import {absolute} from './absolute.ts'

/**
 * DAFL's activation loss (Chen et al., 2019, L_a): images like those of the task excite a teacher's features more than
 * others do. Minus the mean over N · F of |f|, as the code around CMI has it; the paper takes the sum over F, F times that.
 *
 * @param features the input of the teacher's last layer, [N, F]
 */
export const activationLoss = (features: Tensor2D): Scalar => tf.neg(tf.mean(absolute(features)))
