import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'

/** Tensors in arrays, maps and plain objects, in any depth. */
export type Tensors =
  Tensor | undefined | readonly Tensors[] | ReadonlyMap<string, Tensor> | {readonly [name: string]: Tensors}

/** The same container with each tensor changed, in the order of the container. */
export function mapTensors<T extends Tensors>(container: T, change: (tensor: Tensor) => Tensor): T {
  const mapped = (value: Tensors): Tensors => {
    if (value === undefined) return undefined
    if (value instanceof tf.Tensor) return change(value)
    if (value instanceof Map)
      return new Map(
        [...(value as ReadonlyMap<string, Tensor>)].map(([name, tensor]) => [name, change(tensor)]),
      )
    if (Array.isArray(value)) return (value as readonly Tensors[]).map(mapped)
    return Object.fromEntries(
      Object.entries(value as Record<string, Tensors>).map(([name, inner]) => [name, mapped(inner)]),
    )
  }
  return mapped(container) as T
}

/** A container as text, all tensors alike: two of one structure have their tensors in the same places. */
export const structureOf = (container: Tensors): string =>
  JSON.stringify(container, (_, value: unknown) => {
    if (value instanceof tf.Tensor) return 0
    return value instanceof Map ? {map: [...(value as ReadonlyMap<string, Tensor>).keys()]} : value
  }) ?? ''

/** All tensors of a container, in its order. */
export function tensorsOf(container: Tensors): Tensor[] {
  const found: Tensor[] = []
  mapTensors(container, (tensor) => {
    found.push(tensor)
    return tensor
  })
  return found
}
