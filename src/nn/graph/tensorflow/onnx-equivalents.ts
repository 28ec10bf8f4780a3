import type {GraphNode} from '../../../modelfile/plan.ts'
import {numberOf, numbersOf, textOf} from '../attributes.ts'
import {unsupportedAttribute} from '../declared-attributes.ts'
import {known} from '../onnx/operator.ts'
import type {Value} from '../value.ts'

/** What ONNX would write for a node of TensorFlow's. */
export interface Equivalent {
  readonly op: string
  /** Its inputs, by their places among the node's own. */
  readonly inputs: readonly number[]
  readonly attributes: GraphNode['attributes']
  readonly outputs?: readonly string[]
}
export type Translate = (inputs: readonly (Value | undefined)[], node: GraphNode) => Equivalent

const as =
  (op: string, attributes: (node: GraphNode) => GraphNode['attributes'] = () => ({})): Translate =>
  (inputs, node) => ({op, inputs: [...inputs.keys()], attributes: attributes(node)})

/** The axis is the last input there (ConcatV2, GatherV2) or the first (Split), and an attribute here. */
const withAxis =
  (op: string, place: 0 | -1): Translate =>
  (inputs, node) => {
    const places = [...inputs.keys()]
    return {
      op,
      inputs: place === 0 ? places.slice(1) : places.slice(0, -1),
      attributes: {axis: known(inputs.at(place), node).data[0] ?? 0},
    }
  }

const split: Translate = (inputs, node) => ({
  ...withAxis('Split', 0)(inputs, node),
  outputs: node.outputs.slice(0, numberOf(node, 'num_split', 1)),
})

const transpose: Translate = ([, order], node) => ({
  op: 'Transpose',
  inputs: [0],
  attributes: {perm: [...known(order, node).data]},
})

/** TensorFlow.js has one type of floating-point and one of whole numbers. By DataType's names and numbers. */
const types: Readonly<Record<string, number>> = Object.fromEntries<number>([
  ...['DT_FLOAT', 'DT_HALF', 'DT_DOUBLE', '1', '2', '19'].map((name) => [name, 1] as const),
  ...['DT_INT32', 'DT_INT64', 'DT_INT8', 'DT_UINT8', '3', '4', '6', '9'].map((name) => [name, 6] as const),
  ...['DT_BOOL', '10'].map((name) => [name, 9] as const),
])

const cast = as('Cast', (node) => {
  const to = types[textOf(node, 'DstT')]
  if (to === undefined) throw unsupportedAttribute(node, 'DstT', node.attributes['DstT'])
  return {to}
})

const squeeze = as('Squeeze', (node) => {
  const axes = numbersOf(node, 'squeeze_dims') ?? numbersOf(node, 'axis') ?? []
  return axes.length > 0 ? {axes: [...axes]} : {}
})

/** TensorFlow's operators that ONNX has too, perhaps with other inputs and attributes. */
export const onnxEquivalents: Readonly<Record<string, Translate>> = {
  Identity: as('Identity'),
  StopGradient: as('Identity'),
  Snapshot: as('Identity'),
  Relu: as('Relu'),
  Relu6: as('Clip', () => ({min: 0, max: 6})),
  LeakyRelu: as('LeakyRelu', (node) => ({alpha: numberOf(node, 'alpha', 0.2)})),
  Elu: as('Elu'),
  Selu: as('Selu'),
  Prelu: as('PRelu'),
  Sigmoid: as('Sigmoid'),
  Softplus: as('Softplus'),
  Tanh: as('Tanh'),
  Erf: as('Erf'),
  Exp: as('Exp'),
  Log: as('Log'),
  Sqrt: as('Sqrt'),
  Abs: as('Abs'),
  Neg: as('Neg'),
  Reciprocal: as('Reciprocal'),
  Floor: as('Floor'),
  Add: as('Add'),
  AddV2: as('Add'),
  AddN: as('Sum'),
  Sub: as('Sub'),
  Mul: as('Mul'),
  Pow: as('Pow'),
  Maximum: as('Max'),
  Minimum: as('Min'),
  BiasAdd: as('Add'),
  Cast: cast,
  Softmax: as('Softmax'),
  LogSoftmax: as('LogSoftmax'),
  Reshape: as('Reshape', () => ({allowzero: 1})),
  Shape: as('Shape'),
  Squeeze: squeeze,
  ExpandDims: as('Unsqueeze'),
  Transpose: transpose,
  ConcatV2: withAxis('Concat', -1),
  GatherV2: withAxis('Gather', -1),
  Split: split,
}
