import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D, Tensor4D, TensorContainer} from '@tensorflow/tfjs-core'
import type {Optimiser} from '../math/optimiser.ts'
import {suspectLoss} from '../math/shuffling-vaccine.ts'
import type {Losses, Pair} from '../method.ts'
import {descend} from './descend.ts'
import {lossAfter} from './loss-after.ts'
import {normalise, renormaliser} from './normalise.ts'

export interface Lesson {
  /** In [0, 1], [N, H, W, C]. */
  readonly images: Tensor4D
  /** The summands of how far the student's logits are from the teacher's, [N, classes]: `klElements` at a temperature τ. */
  elements(student: Tensor2D, teacher: Tensor2D): Tensor2D
  /** Of their mean over N · classes; for KL, τ² · classes makes it the usual loss of distillation. */
  readonly weight: number
  /** The same in the units of a defence that looks back; `weight`, where it is not another. */
  readonly retrospectionWeight?: number
  /** Added to that, of the student's logits. */
  also?(logits: Tensor2D): Scalar
  /** Of the distiller's steps: which one this is, and how many there are. */
  readonly index: number
  readonly steps: number
}

/**
 * One step of the student towards the teacher's answers on images that are given, with all that a defence says of them:
 *   weight · mean of elements(S(x), T(x)) + also(S(x))
 * Rows that it suspects are climbed on, weakly, where the others are descended on; while the student looks back at itself
 * none is suspected, as in ABD. The caller tidies.
 */
export function matchTeacher(
  {teacher, student, defence}: Pair,
  {optimiser, learningRate}: {readonly optimiser: Optimiser; readonly learningRate: number},
  {images, elements, weight, retrospectionWeight = weight, also, index, steps}: Lesson,
): Losses {
  const x = normalise(images, teacher.normalisation)
  const divergence = (s: Tensor2D, target: Tensor2D): Scalar =>
    tf.mul(tf.mean(elements(s, target)), retrospectionWeight)
  const {architecture, parameters} = teacher.network
  // What only the teacher's pass, and a defence that shares it, needs is let go before the student's begins.
  const {t, look, suspects} = tidied(() => {
    const t = architecture.forward(parameters, x, 'eval').logits
    const look = defence.retrospect?.({x, teacherLogits: t, index, steps, divergence})
    return {t, look, suspects: look ? undefined : defence.suspects?.(x, t)}
  })
  const correction = look?.correct(0)
  const loss = descend(
    {network: student.network, optimiser, learningRate, ...(correction ? {correction} : {})},
    renormaliser(teacher.normalisation, student.normalisation)(x),
    ({logits}) => {
      const apart = elements(logits, t)
      const mean: Scalar = suspects ? suspectLoss(apart, suspects.mask, suspects.coefficient) : tf.mean(apart)
      const matching: Scalar = tf.mul(mean, weight)
      return also ? tf.add<Scalar>(matching, also(logits)) : matching
    },
  )
  return {
    loss,
    ...(suspects ? {suspects: tf.mean(suspects.mask)} : {}),
    ...(correction ? {retrospection: lossAfter(student.network, correction)} : {}),
  }
}

/** Of what is given, tensors in any place outlive it. */
const tidied = <T>(work: () => T): T => tf.tidy(work as () => TensorContainer) as T
