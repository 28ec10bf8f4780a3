import {adam, lossAndGradients} from '@abd/core/math'
import type {Outcome, Tensors} from '@abd/core/math'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor3D} from '@tensorflow/tfjs-core'

/** How far δ moves a model's answers, and what is to be kept of the forward passes that this took. */
export type Moved<E extends Tensors> = (delta: Tensor3D) => Outcome<E>

export interface Found<E> {
  /** [H, W, C], one for all images, in normalised units; not clipped. */
  readonly delta: Tensor3D
  /** Of every round. */
  readonly extras: readonly E[]
}

/** What is descended on to move answers far with a short δ: penalty · ‖δ‖² less how far it moves them. */
export function resisted<E extends Tensors>(
  delta: Tensor3D,
  {loss, extra}: Outcome<E>,
  penalty: number,
): Outcome<E> {
  const norm: Scalar = tf.sum(tf.square(delta))
  return {loss: tf.sub<Scalar>(tf.mul(norm, penalty), loss), extra}
}

/** δ that moves answers most: `rounds` steps of a fresh Adam up `moved` less penalty · ‖δ‖². The caller tidies. */
export function findPerturbation<E extends Tensors>(
  start: Tensor3D,
  moved: Moved<E>,
  {rounds, rate, penalty}: {readonly rounds: number; readonly rate: number; readonly penalty: number},
): Found<E> {
  const delta = tf.variable(start, false)
  using optimiser = adam([delta])
  try {
    const extras = Array.from({length: rounds}, () => {
      const {gradients, extra} = lossAndGradients([delta], () => resisted(delta, moved(delta), penalty))
      optimiser.step(gradients, rate)
      return extra
    })
    return {delta: tf.clone(delta), extras}
  } finally {
    delta.dispose()
  }
}

const ASCENT = {rate: 10, longest: 10}

/** Up `moved` by plain gradient steps with the rate 10, then scaled down to ‖δ‖ = 10 where it is longer. */
export function ascendPerturbation<E extends Tensors>(
  start: Tensor3D,
  moved: Moved<E>,
  rounds: number,
): Found<E> {
  let delta = start
  const extras = Array.from({length: rounds}, () => {
    const at = delta
    const {gradients, extra} = lossAndGradients([at], () => moved(at))
    delta = tf.add(at, tf.mul(gradients[0]!, ASCENT.rate))
    return extra
  })
  const scale = tf.minimum(1, tf.div(ASCENT.longest, tf.maximum(tf.norm(delta), 1e-12)))
  return {delta: tf.mul(delta, scale), extras}
}
