import {normalisations} from '@abd/core/data'
import type {Normalisation} from '@abd/core/data'
import {denormalise, normalise} from '@abd/core/train'
import type {Tensor4D} from '@tensorflow/tfjs-core'

/** What the reference implementation divides CIFAR-10's images by to train on them, and only then. */
const OTHER = [0.247, 0.243, 0.261]

/**
 * From images in [0, 1] to what the teacher's normalisation turns into them normalised with that other std:
 *   μ + (x - μ) σ / σ'
 * which may lie outside. For a teacher with another input than CIFAR-10's they stay as they are. The caller tidies.
 */
export function offScale({mean, std}: Normalisation): (x: Tensor4D) => Tensor4D {
  if (std.join() !== normalisations.cifar10.std.join()) return (x) => x
  return (x) => denormalise(normalise(x, {mean, std: OTHER}), {mean, std})
}
