import type {Pair} from '@abd/core'
import {renormaliser} from '@abd/core/train'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'

/** What the student says of images that are normalised for the teacher; in eval mode, so that it changes nothing. */
export function studentLogits({teacher, student}: Pair): (x: Tensor4D) => Tensor2D {
  const {architecture, parameters} = student.network
  const renormalise = renormaliser(teacher.normalisation, student.normalisation)
  return (x) => architecture.forward(parameters, renormalise(x), 'eval').logits
}
