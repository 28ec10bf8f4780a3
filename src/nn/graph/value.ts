import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor4D} from '@tensorflow/tfjs-core'
import {unsupported} from './errors.ts'

/**
 * What flows through a graph. Graphs of PyTorch think in [N, C, H, W]; engines are fast in [N, H, W, C]: a value of four
 * axes may lie so (`nhwc`) while the graph takes it for the other.
 */
export interface Flow {
  readonly kind: 'tensor'
  readonly tensor: Tensor
  readonly nhwc: boolean
}

/** Numbers that graphs compute with to know shapes: never on the engine. */
export interface Host {
  readonly kind: 'host'
  readonly shape: readonly number[]
  readonly data: readonly number[]
  /** Of an integer type: its quotients are cut off. */
  readonly whole: boolean
}
export type Value = Flow | Host

export const flow = (tensor: Tensor, nhwc = false): Flow => ({kind: 'tensor', tensor, nhwc})
export const host = (
  data: readonly number[],
  shape: readonly number[] = [data.length],
  whole = true,
): Host => ({kind: 'host', shape, data, whole})

/** As the graph sees it. */
export function shapeOf(value: Value): number[] {
  if (value.kind === 'host') return [...value.shape]
  const {shape} = value.tensor
  return value.nhwc ? [shape[0], shape[3]!, shape[1]!, shape[2]!] : [...shape]
}

/** The tensor in the graph's own order of axes. */
export function plain(value: Value): Tensor {
  if (value.kind === 'host') return tf.tensor([...value.data], [...value.shape], 'float32')
  if (!value.nhwc) return value.tensor
  const [batch, height, width, channels] = value.tensor.shape as Tensor4D['shape']
  // With one pixel both orders are the same numbers.
  if (height === 1 && width === 1) return tf.reshape(value.tensor, [batch, channels, 1, 1])
  return tf.transpose(value.tensor, [0, 3, 1, 2])
}

/** Four axes as engines want them. */
export function imageOf(value: Value): Tensor4D {
  if (value.kind === 'tensor' && value.nhwc) return value.tensor as Tensor4D
  const tensor = plain(value)
  if (tensor.rank !== 4) throw unsupported(`a tensor of ${tensor.rank} axes where it wants images`)
  return tf.transpose(tensor as Tensor4D, [0, 2, 3, 1])
}

/** What broadcasts against an image in the engine's order: axes of 1 are put before those that are missing. */
export function besideImage(value: Value): Tensor {
  if (value.kind === 'tensor' && value.nhwc) return value.tensor
  const tensor = plain(value)
  if (tensor.size === 1) return tf.reshape(tensor, [])
  const shape = [1, 1, 1, 1, ...tensor.shape].slice(-4)
  return tf.transpose(tf.reshape(tensor, shape), [0, 2, 3, 1])
}
