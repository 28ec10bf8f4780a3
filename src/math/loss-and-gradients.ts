import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor} from '@tensorflow/tfjs-core'
import {mapTensors} from '../tensors.ts'
import type {Tensors} from '../tensors.ts'
import {releaseGoingBack} from './release-going-back.ts'

/** The loss, and what else of the forward pass is wanted afterwards: logits, new running statistics. */
export interface Outcome<E extends Tensors> {
  readonly loss: Scalar
  readonly extra: E
}

export interface Descent<E extends Tensors> extends Outcome<E> {
  /** One for each of `variables`, in their order. */
  readonly gradients: Tensor[]
}

/**
 * The loss and its gradients by these variables (or plain tensors, as images) and no others. What of the forward pass
 * is to outlive it, `forward` returns as `extra`; everything returned here belongs to the caller's `tidy`.
 * Throws where the loss does not depend on one of the variables.
 */
export function lossAndGradients<E extends Tensors = readonly []>(
  variables: readonly Tensor[],
  forward: () => Outcome<E> | Scalar,
): Descent<E> {
  let extra = [] as Tensors as E
  const kept: Tensor[] = []
  try {
    const {value, grads} = tf.valueAndGrads(() => {
      const outcome = forward()
      releaseGoingBack()
      if (outcome instanceof tf.Tensor) return outcome
      extra = mapTensors(outcome.extra, (tensor) => {
        const copy = tf.keep(tf.clone(tensor)) // shares its data
        kept.push(copy)
        return copy
      })
      return outcome.loss
    })([...variables])
    // Copies once more: unlike what was kept, the caller's tidy sees to them.
    return {loss: value, gradients: grads, extra: mapTensors(extra, tf.clone)}
  } finally {
    tf.dispose(kept)
  }
}
