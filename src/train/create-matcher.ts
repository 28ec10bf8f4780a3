import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor4D, TensorContainer} from '@tensorflow/tfjs-core'
import type {Optimiser} from '../math/optimiser.ts'
import {steady} from '../engine/index.ts'
import {suspectLoss} from '../math/shuffling-vaccine.ts'
import type {Losses, Pair} from '../method.ts'
import {createDescent} from './descend.ts'
import type {Tensors} from '../tensors.ts'
import {lossAfter} from './loss-after.ts'
import {normalise, renormaliser} from './normalise.ts'

/** What a student is taught, step by step the same. */
export interface Lesson<G extends Tensors = undefined> {
  /** The summands of how far the student's logits are from the teacher's, [N, classes]: `klElements` at a temperature τ. */
  elements(student: Tensor2D, teacher: Tensor2D): Tensor2D
  /** Of their mean over N · classes; for KL, τ² · classes makes it the usual loss of distillation. */
  readonly weight: number
  /** The same in the units of a defence that looks back; `weight`, where it is not another. */
  readonly retrospectionWeight?: number
  /** Added to that, of the student's logits and what else a batch holds. */
  also?(logits: Tensor2D, given: G): Scalar
}

/** What a step of it is taken on. */
export interface Batch<G extends Tensors = undefined> {
  /** In [0, 1], [N, H, W, C]. */
  readonly images: Tensor4D
  /** Labels, or whatever `also` wants. */
  readonly given?: G
  readonly learningRate: number
  /** Of the distiller's steps: which one this is, and how many there are. */
  readonly index: number
  readonly steps: number
}

/**
 * Steps of the student towards the teacher's answers on images that are given, with all that a defence says of them:
 *   weight · mean of elements(S(x), T(x)) + also(S(x))
 * Rows that it suspects are climbed on, weakly, where the others are descended on; while the student looks back at itself
 * none is suspected, as in ABD. The caller tidies.
 */
export function createMatcher<G extends Tensors = undefined>(
  {teacher, student, defence}: Pair,
  optimiser: Optimiser,
  {elements, weight, retrospectionWeight = weight, also}: Lesson<G>,
): (batch: Batch<G>) => Losses {
  const divergence = (s: Tensor2D, target: Tensor2D): Scalar =>
    tf.mul(tf.mean(elements(s, target)), retrospectionWeight)
  const forStudent = renormaliser(teacher.normalisation, student.normalisation)
  const answer = (x: Tensor4D): Tensor2D =>
    teacher.network.architecture.forward(teacher.network.parameters, x, 'eval').logits
  const prepared = steady((images: Tensor4D) => {
    const x = normalise(images, teacher.normalisation)
    return {x, forStudent: forStudent(x)}
  })
  const answered = steady(answer)
  const descent = createDescent<Matched<G>>(
    {network: student.network, optimiser},
    ({logits}, {t, mask, coefficient, given}) => {
      const apart = elements(logits, t)
      const mean: Scalar = mask && coefficient ? suspectLoss(apart, mask, coefficient) : tf.mean(apart)
      const matching: Scalar = tf.mul(mean, weight)
      return also ? tf.add<Scalar>(matching, also(logits, given as G)) : matching
    },
  )
  return ({images, given, learningRate, index, steps}) => {
    const {x, forStudent} = prepared(images)
    // What only the teacher's pass, and a defence that shares it, needs is let go before the student's begins.
    const {t, look, suspects} = tidied(() => {
      // A defence that shares the teacher's pass has to see it.
      const t = defence.suspects ? answer(x) : answered(x)
      const look = defence.retrospect?.({x, teacherLogits: t, index, steps, divergence})
      return {t, look, suspects: look ? undefined : defence.suspects?.(x, t)}
    })
    const correction = look?.correct(0)
    const suspected = suspects ? {mask: suspects.mask, coefficient: tf.scalar(suspects.coefficient)} : {}
    const loss = descent(forStudent, {t, ...suspected, given}, {learningRate, correction})
    return {
      loss,
      ...(suspects ? {suspects: tf.mean(suspects.mask)} : {}),
      ...(correction ? {retrospection: lossAfter(student.network, correction)} : {}),
    }
  }
}

/** What the student's loss is of. */
interface Matched<G extends Tensors> {
  readonly [name: string]: Tensors
  readonly t: Tensor2D
  readonly mask?: Tensor1D
  readonly coefficient?: Scalar
  readonly given: G | undefined
}

/** Of what is given, tensors in any place outlive it. */
const tidied = <T>(work: () => T): T => tf.tidy(work as () => TensorContainer) as T
