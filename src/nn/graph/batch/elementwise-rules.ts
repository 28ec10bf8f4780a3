import {broadcast} from '../onnx/elementwise.ts'
import {shapeOf, type Host} from '../value.ts'
import {combine, convert} from './counts.ts'
import {broadcastPlace, countsOf, hasCounts, placeAt, placed, plainInputs, refuse} from './step.ts'
import type {Rule, Step} from './step.ts'

/** Each number by itself; further inputs are bounds. `op`: ONNX's name of it. */
const unary =
  (op: string): Rule =>
  (step) => {
    const [value] = step.inputs
    plainInputs(step, ...[...step.inputs.keys()].slice(1))
    const track = step.track(0)
    const {place} = track
    if (!hasCounts(track) || value?.kind !== 'host') return placed(place)
    // As a truth value, a number of images is true.
    if (op === 'Cast' && step.node.attributes['to'] === 9) return placed(place)
    // Beyond 255 or 65 535 images their number would be another one.
    if (op === 'Cast' && [2, 3, 4, 5].includes(Number(step.node.attributes['to'])))
      throw refuse(step.node, 'computes with the number of images')
    const counts = countsOf(track, value).map((count) => (count === 0 ? 0 : convert[op]?.(count)))
    return {...placed(place), counts: allKnown(counts, step)}
  }

function allKnown(counts: readonly (number | undefined)[], {node}: Step): number[] {
  return counts.map((count) => {
    if (count === undefined) throw refuse(node, 'computes with the number of images')
    return count
  })
}

/** Two numbers to one, by broadcasting. */
export const binaryRule =
  (op: string): Rule =>
  (step) => {
    const tracks = step.inputs.map((_, i) => step.track(i))
    const place = broadcastPlace(
      step.node,
      step.inputs.map((value, i) => ({shape: value ? shapeOf(value) : [], place: tracks[i]?.place})),
    )
    if (!tracks.some(hasCounts)) return placed(place)
    const [a, b, ...more] = step.inputs
    const whole = step.inputs.every((value) => value?.kind === 'host' && value.whole)
    const of = combine(op, whole)
    if (a?.kind !== 'host' || b?.kind !== 'host' || more.length > 0 || !of)
      throw refuse(step.node, 'computes with the number of images')
    const counted = (value: Host, i: number, at: number) => ({
      count: countsOf(tracks[i]!, value)[at]!,
      value: value.data[at]!,
    })
    const places = (value: Host): Host => ({...value, data: value.data.map((_, i) => i)})
    const left = broadcast(places(a), b, (at) => at).data
    const right = broadcast(a, places(b), (_, at) => at).data
    const counts = left.map((at, i) => {
      const [x, y] = [counted(a, 0, at), counted(b, 1, right[i]!)]
      return x.count === 0 && y.count === 0 ? 0 : of(x, y)
    })
    return {...placed(place), counts: allKnown(counts, step)}
  }

/** Chooses between numbers on the host; which must not depend on the batch. */
const where: Rule = (step) => {
  plainInputs(step, 0)
  const places = [1, 2].map((input) => step.track(input).place)
  if (places.some((place) => place !== undefined)) throw refuse(step.node, 'chooses among images')
  const [, a, b] = step.inputs
  if (a?.kind !== 'host' || b?.kind !== 'host') return {}
  const numbersOf = (value: Host, i: number): Host => ({...value, data: countsOf(step.track(i), value)})
  const chosen = step.again([step.inputs[0], numbersOf(a, 1), numbersOf(b, 2)])
  return 'kind' in chosen && chosen.kind === 'host' ? {counts: chosen.data} : {}
}

/** A factor for each channel: of opset 6 a list, which is no broadcasting. */
const slope: Rule = (step) => {
  const place = placeAt(step, 0)
  plainInputs(step, 1)
  if (place?.axis === 0) {
    const factors = step.inputs[1]
    const shape = factors ? shapeOf(factors) : []
    const input = step.inputs[0]
    const rank = input ? shapeOf(input).length : 0
    if (shape.length < rank || shape[0] === 1) return {place}
  }
  throw refuse(step.node, 'has a factor for each image')
}

const all = (ops: readonly string[], rule: (op: string) => Rule) =>
  Object.fromEntries(ops.map((op) => [op, rule(op)]))

export const elementwiseRules: Readonly<Record<string, Rule>> = {
  ...all(
    [
      ...['Identity', 'Dropout', 'Relu', 'LeakyRelu', 'Elu', 'Selu', 'Sigmoid', 'HardSigmoid', 'HardSwish'],
      ...['Gelu', 'Softplus', 'Tanh', 'Erf', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Reciprocal', 'Floor'],
      ...['Ceil', 'Clip', 'Cast', 'Not'],
    ],
    unary,
  ),
  ...all(
    ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sum', 'Max', 'Min', 'Mod', 'Equal', 'Greater', 'Less'],
    binaryRule,
  ),
  PRelu: slope,
  Where: where,
}
