import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor} from '@tensorflow/tfjs-core'

/** Tensors in arrays, maps and plain objects. */
export type Tensors =
  Tensor | readonly Tensors[] | ReadonlyMap<string, Tensor> | {readonly [name: string]: Tensors}

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
  let extra = [] as unknown as E
  const kept = new Set<Tensor>()
  try {
    const {value, grads} = tf.valueAndGrads(() => {
      const outcome = forward()
      if (outcome instanceof tf.Tensor) return outcome
      extra = mapTensors(outcome.extra, (tensor) => {
        if (tensor !== outcome.loss && !tensor.kept) kept.add(tf.keep(tensor))
        return tensor
      })
      return outcome.loss
    })([...variables])
    // Copies share their data; unlike what was kept, the caller's tidy sees to them.
    const result = mapTensors(extra, (tensor) => (kept.has(tensor) ? tf.clone(tensor) : tensor))
    return {loss: value as Scalar, gradients: grads, extra: result}
  } finally {
    kept.forEach((tensor) => tensor.dispose())
  }
}

function mapTensors<T extends Tensors>(container: T, change: (tensor: Tensor) => Tensor): T {
  const map = (value: Tensors): Tensors => {
    if (value instanceof tf.Tensor) return change(value)
    if (value instanceof Map)
      return new Map(
        [...(value as ReadonlyMap<string, Tensor>)].map(([name, tensor]) => [name, change(tensor)]),
      )
    if (Array.isArray(value)) return (value as readonly Tensors[]).map(map)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, map(inner as Tensors)]))
  }
  return map(container) as T
}
