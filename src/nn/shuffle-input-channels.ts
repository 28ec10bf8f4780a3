import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import type {Parameters} from './architecture.ts'
import {parameterOf} from './parameter-of.ts'

/**
 * Parameters of a shuffled copy (Shuffling Vaccine, Hong et al., 2023): input channel c of each named filter is what
 * was channel `permutation[c]`. All others are the very same tensors. The caller owns the shuffled filters.
 */
export function shuffleInputChannels(
  parameters: Parameters,
  permutations: ReadonlyMap<string, Int32Array>,
): Parameters {
  const shuffled = new Map<string, Tensor>(parameters)
  for (const [name, permutation] of permutations)
    shuffled.set(
      name,
      tf.tidy(() => tf.gather(parameterOf(parameters, name), tf.tensor1d(permutation, 'int32'), 2)), // [h,w,in,out]
    )
  return shuffled
}
