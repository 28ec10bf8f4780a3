import type {Tensor, TensorInfo} from '@tensorflow/tfjs-core'
import type {TensorFlowBackend} from '../tensorflow-backend.ts'

/** Attributes of a TensorFlow operation by their names; which type each has is the operation's to say. */
export type Attribute =
  | {readonly type: 'type'; readonly value: 'float32'}
  | {readonly type: 'int'; readonly value: number | readonly number[]}
  | {readonly type: 'float'; readonly value: number}
  | {readonly type: 'bool'; readonly value: boolean}
  | {readonly type: 'string'; readonly value: string}

/** Runs one TensorFlow operation, any of those that libtensorflow knows, outside the gradient tape. */
export function runOperation(
  backend: unknown,
  name: string,
  inputs: readonly TensorInfo[],
  attributes: Readonly<Record<string, Attribute>>,
  outputs = 1,
): Tensor[] {
  const {binding} = backend as TensorFlowBackend
  const typed = Object.entries(attributes).map(([attribute, {type, value}]) =>
    type === 'type'
      ? {name: attribute, type: binding['TF_ATTR_TYPE']!, value: binding['TF_FLOAT']}
      : {name: attribute, type: binding[`TF_ATTR_${type.toUpperCase()}`]!, value},
  )
  return (backend as TensorFlowBackend).executeMultipleOutputs(name, typed, inputs, outputs)
}
