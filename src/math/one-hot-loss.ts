import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'
import {crossEntropy} from './cross-entropy.ts'

/**
 * DAFL's one-hot loss (Chen et al., 2019, L_oh): the cross-entropy of a teacher's answers with the class that each is
 * largest for, so that the teacher is made sure of itself. Where two are as large it is the first.
 *
 * @param logits [N, C]
 */
export const oneHotLoss = (logits: Tensor2D): Scalar => crossEntropy(logits, tf.argMax<Tensor1D>(logits, 1))
