import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D} from '@tensorflow/tfjs-core'
import {absolute} from './absolute.ts'

/**
 * The summands of DFAD's discrepancy (Fang et al., 2019), |s - t|, whose mean over N · C its student descends on and its
 * generator climbs: unlike KL's, its slope does not fade as the two come closer. Gradients flow into both.
 *
 * @param student logits [N, C]
 * @param teacher logits [N, C]
 * @returns [N, C]
 */
export const absoluteDifference = (student: Tensor2D, teacher: Tensor2D): Tensor2D =>
  absolute(tf.sub<Tensor2D>(student, teacher))
