import {numberOf, numbersOf} from '../attributes.ts'
import {axisOf} from '../onnx/operator.ts'
import {shapeOf} from '../value.ts'
import {perImage, type Place} from './place.ts'
import {allBut, broadcastPlace, hasCounts, placeAt, placed, plainInputs, refuse, shapeAt} from './step.ts'
import type {Rule, Step} from './step.ts'

/** Layers that take images along their first axis, and weights; as convolutions and poolings. */
const firstAxis: Rule = (step) => {
  plainInputs(step, ...allBut(step, 0))
  return placed(atFirst(step))
}

function atFirst(step: Step): Place | undefined {
  const place = placeAt(step, 0)
  if (place && place.axis !== 0) throw refuse(step.node, 'takes images for rows, columns or channels')
  return place
}

const along = (step: Step, axes: readonly number[], what: string): Place | undefined => {
  const place = placeAt(step, 0)
  if (place && axes.includes(place.axis)) throw refuse(step.node, `${what} images`)
  return place
}

/** `turned`: whether the last two axes of each factor change places first. */
export function productPlace(step: Step, turned: readonly [boolean, boolean] = [false, false]) {
  const shapes = [0, 1].map((input) => shapeAt(step, input))
  const [left, right] = [0, 1].map((input) => {
    const place = placeAt(step, input)
    if (!place) return undefined
    const fromEnd = shapes[input]!.length - place.axis
    const swapped = turned[input] && fromEnd <= 2 ? 3 - fromEnd : fromEnd
    return {...place, fromEnd: swapped}
  })
  if (!left && !right) return undefined
  const summed = left?.fromEnd === 1 || (right && (right.fromEnd === 2 || shapes[1]!.length < 2))
  if (summed || shapes.some(({length}) => length < 2)) throw refuse(step.node, 'sums over images')
  if (
    left &&
    right &&
    (left.fromEnd < 3 || left.fromEnd !== right.fromEnd || perImage(left) !== perImage(right))
  )
    throw refuse(step.node, 'brings one image together with others')
  const {fromEnd, outer, inner} = (left ?? right)!
  const other = left ? shapes[1]! : shapes[0]!
  if (!(left && right) && fromEnd > 2 && (other[other.length - fromEnd] ?? 1) !== 1)
    throw refuse(step.node, 'has other numbers for the first image than for the next')
  return {axis: shapeOf(step.outputs[0]!).length - fromEnd, outer, inner}
}

const matMul: Rule = (step) => placed(productPlace(step))

const gemm: Rule = (step) => {
  const made = productPlace(step, [
    numberOf(step.node, 'transA', 0) === 1,
    numberOf(step.node, 'transB', 0) === 1,
  ])
  if (!step.inputs[2]) return placed(made)
  return placed(
    broadcastPlace(step.node, [
      {shape: shapeOf(step.outputs[0]!), place: made},
      {shape: shapeAt(step, 2), place: placeAt(step, 2)},
    ]),
  )
}

export const reductionRule =
  (keeps: (step: Step) => boolean): Rule =>
  (step) => {
    plainInputs(step, 1)
    const rank = shapeAt(step, 0).length
    const [, given] = step.inputs
    const listed = (given?.kind === 'host' ? given.data : numbersOf(step.node, 'axes')) ?? []
    const none = listed.length === 0 && numberOf(step.node, 'noop_with_empty_axes', 0) === 1
    const every = listed.length === 0 && !none
    const axes = every ? shapeAt(step, 0).map((_, i) => i) : listed.map((axis) => axisOf(axis, rank))
    const place = along(step, axes, 'puts together the values of')
    if (!place || none || keeps(step)) return placed(place)
    return {place: {...place, axis: place.axis - axes.filter((axis) => axis < place.axis).length}}
  }

const softmax: Rule = (step) => {
  const rank = shapeAt(step, 0).length
  const {opset} = step.run
  const axis = axisOf(numberOf(step.node, 'axis', opset < 13 ? 1 : -1), rank)
  const axes = opset < 13 ? Array.from({length: rank - axis}, (_, i) => axis + i) : [axis]
  return placed(along(step, axes, 'sums over'))
}

const layerNorm: Rule = (step) => {
  plainInputs(step, 1, 2)
  const rank = shapeAt(step, 0).length
  const first = axisOf(numberOf(step.node, 'axis', -1), rank)
  const place = along(
    step,
    Array.from({length: rank - first}, (_, i) => first + i),
    'averages over',
  )
  return placed(
    broadcastPlace(step.node, [
      {shape: shapeAt(step, 0), place},
      ...[1, 2].map((input) => ({shape: shapeAt(step, input), place: undefined})),
    ]),
  )
}

/** `around`: entries before and after an axis. */
export function padPlace(step: Step, around: (axis: number) => readonly (number | undefined)[]) {
  plainInputs(step, ...allBut(step, 0))
  const place = placeAt(step, 0)
  if (place && around(place.axis).some((n) => n !== 0)) throw refuse(step.node, 'adds to the images')
  return placed(place)
}

const pad: Rule = (step) => {
  const rank = shapeAt(step, 0).length
  const [, given] = step.inputs
  const sizes = given?.kind === 'host' ? given.data : (numbersOf(step.node, 'pads') ?? [])
  return padPlace(step, (axis) => [sizes[axis], sizes[axis + rank]])
}

/** Sizes may name the images, too: [B, C, 2 H, 2 W]. */
const resize: Rule = (step) => {
  const place = atFirst(step)
  for (const input of allBut(step, 0)) {
    const track = step.track(input)
    const own = input === 3 && place ? [perImage(place), 0, 0, 0] : []
    if (hasCounts(track) && track.counts?.some((count, i) => count !== own[i])) plainInputs(step, input)
  }
  return placed(place)
}

const keepsAxes = (step: Step) => numberOf(step.node, 'keepdims', 1) === 1

export const algebraRules: Readonly<Record<string, Rule>> = {
  Conv: firstAxis,
  MaxPool: firstAxis,
  AveragePool: firstAxis,
  GlobalAveragePool: firstAxis,
  GlobalMaxPool: firstAxis,
  BatchNormalization: firstAxis,
  LRN: firstAxis,
  Pad: pad,
  Resize: resize,
  Gemm: gemm,
  MatMul: matMul,
  ReduceMean: reductionRule(keepsAxes),
  ReduceSum: reductionRule(keepsAxes),
  ReduceMax: reductionRule(keepsAxes),
  ReduceL2: reductionRule(keepsAxes),
  Softmax: softmax,
  LogSoftmax: softmax,
  LayerNormalization: layerNorm,
}
