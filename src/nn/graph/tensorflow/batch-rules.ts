import {numberOf} from '../attributes.ts'
import {algebraRules, padPlace, productPlace, reductionRule} from '../batch/algebra-rules.ts'
import {binaryRule, elementwiseRules} from '../batch/elementwise-rules.ts'
import {samePlace} from '../batch/place.ts'
import {alongWith, END} from '../batch/shape-rules.ts'
import {
  allBut,
  broadcastPlace,
  hasCounts,
  placeAt,
  placed,
  plainInputs,
  refuse,
  shapeAt,
} from '../batch/step.ts'
import type {Rule, Step} from '../batch/step.ts'
import {onnxBatchRules} from '../onnx/batch-rules.ts'
import {axisOf} from '../onnx/operator.ts'
import {shapeOf, type Host} from '../value.ts'
import {onnxEquivalents, type Translate} from './onnx-equivalents.ts'
import {runEquivalent} from './run-equivalent.ts'

/** By the rule of the ONNX operator; what that takes as attributes must be the same for every batch. */
const byEquivalent =
  (translate: Translate): Rule =>
  (step) => {
    const {op, inputs, attributes} = translate(step.inputs, step.node)
    plainInputs(step, ...allBut(step, ...inputs))
    return onnxBatchRules[op]!({
      ...step,
      node: {...step.node, attributes},
      inputs: inputs.map((place) => step.inputs[place]),
      track: (i) => (inputs[i] === undefined ? {} : step.track(inputs[i])),
      again: (others) => runEquivalent(translate(step.inputs, step.node), others, step.node, step.run),
    })
  }

/** A layer whose first axis is that of the images; biases and factors beside it are the same for all of them. */
const layer: Rule = (step) => {
  plainInputs(step, ...allBut(step, 0))
  const {place} = algebraRules['Conv']!(step)
  return beside(step, place, allBut(step, 0, 1))
}

const product =
  (a: string, b: string): Rule =>
  (step) => {
    const turned = (name: string) => step.node.attributes[name] === true
    plainInputs(step, ...allBut(step, 0, 1))
    return beside(step, productPlace(step, [turned(a), turned(b)]), allBut(step, 0, 1))
  }

const beside = (step: Step, place: ReturnType<typeof placeAt>, inputs: readonly number[]) =>
  placed(
    broadcastPlace(step.node, [
      {shape: shapeOf(step.outputs[0]!), place},
      ...inputs.map((input) => ({shape: shapeAt(step, input), place: undefined})),
    ]),
  )

const reduction = reductionRule(({node}) => node.attributes['keep_dims'] === true)

/** TensorFlow reduces along no axis where none is named. */
const reduce: Rule = (step) => {
  const [, axes] = step.inputs
  return axes?.kind === 'host' && axes.data.length === 0 ? placed(placeAt(step, 0)) : reduction(step)
}

/** Sizes lie [axis, before or after]. */
const pad: Rule = (step) => {
  const sizes = step.inputs[1] as Host
  return padPlace(step, (axis) => [sizes.data[2 * axis], sizes.data[2 * axis + 1]])
}

const stridedSlice: Rule = (step) => {
  plainInputs(step, 1, 2, 3)
  const along = alongWith(step, [0])
  if (along) return along
  const place = placeAt(step, 0)
  if (!place) return {}
  const [from, to] = [1, 2].map((input) => (step.inputs[input] as Host).data)
  const mask = (name: string, axis: number) => (numberOf(step.node, name, 0) & (1 << axis)) !== 0
  const {axis} = place
  const sliced = axis < from!.length
  const first = mask('begin_mask', axis) || from![axis] === 0
  const last = mask('end_mask', axis) || to![axis]! >= END
  if (sliced && !(first && last && !mask('shrink_axis_mask', axis)))
    throw refuse(step.node, 'takes some of the images')
  const gone = from!.filter((_, i) => i < axis && mask('shrink_axis_mask', i)).length
  return {place: {...place, axis: axis - gone}}
}

const pack: Rule = (step) => {
  const inputs = [...step.inputs.keys()]
  if (inputs.some((input) => hasCounts(step.track(input)))) {
    const along = alongWith(step, inputs)
    if (!along) throw refuse(step.node, 'computes with the number of images')
    return along
  }
  const places = inputs.map((input) => step.track(input).place)
  const first = places.find((place) => place !== undefined)
  if (!first) return {}
  if (!places.every((place) => place && samePlace(place, first)))
    throw refuse(step.node, 'puts something beside the images that is not one for each of them')
  const axis = axisOf(numberOf(step.node, 'axis', 0), shapeAt(step, 0).length + 1)
  return {place: {...first, axis: first.axis + (axis <= first.axis ? 1 : 0)}}
}

/** What each operator does to a batch; one without a rule must not see images. */
export const tensorflowBatchRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    Object.entries(onnxEquivalents).map(([op, translate]) => [op, byEquivalent(translate)]),
  ),
  Rsqrt: elementwiseRules['Sqrt']!,
  Square: elementwiseRules['Sqrt']!,
  RealDiv: binaryRule('Div'),
  FloorDiv: binaryRule('FloorDiv'),
  Conv2D: layer,
  _FusedConv2D: layer,
  DepthwiseConv2dNative: layer,
  FusedDepthwiseConv2dNative: layer,
  FusedBatchNorm: layer,
  FusedBatchNormV2: layer,
  FusedBatchNormV3: layer,
  MaxPool: layer,
  AvgPool: layer,
  MatMul: product('transpose_a', 'transpose_b'),
  _FusedMatMul: product('transpose_a', 'transpose_b'),
  BatchMatMul: product('adj_x', 'adj_y'),
  BatchMatMulV2: product('adj_x', 'adj_y'),
  Mean: reduce,
  Sum: reduce,
  Max: reduce,
  Pad: pad,
  PadV2: pad,
  MirrorPad: pad,
  StridedSlice: stridedSlice,
  Pack: pack,
}
