import {numberOf, numbersOf} from '../attributes.ts'
import {axisOf} from '../onnx/operator.ts'
import {shapeOf, type Host, type Value} from '../value.ts'
import {FIRST, perImage, placeIn, samePlace, type Place} from './place.ts'
import {countsOf, hasCounts, placeAt, placed, plainInputs, refuse, shapeAt} from './step.ts'
import type {Rule, Step, Track} from './step.ts'

/** Numbers on the host whose counts go where they go. */
export function alongWith(step: Step, inputs: readonly number[]): Track | undefined {
  const values = inputs.map((input) => step.inputs[input])
  if (!values.every((value): value is Host => value?.kind === 'host')) return undefined
  if (inputs.some((input) => step.track(input).place)) return undefined
  const counts = step.inputs.map((value, i) =>
    value?.kind === 'host' && inputs.includes(i) ? {...value, data: countsOf(step.track(i), value)} : value,
  )
  const made = step.again(counts)
  if (!('kind' in made) || made.kind !== 'host') return undefined
  return {counts: made.data}
}

/** The same numbers in the same order, with other axes. */
function reordered(step: Step): Place | undefined {
  const place = placeAt(step, 0)
  if (!place) return undefined
  const to = shapeOf(step.outputs[0]!)
  const found = placeIn(place, shapeAt(step, 0), to, step.run.batch.actual)
  if (!found) throw refuse(step.node, `puts images together: [${to.join(', ')}]`)
  return found
}

/** Whether a size that a graph was given for its images is theirs for every batch: -1, their number, or what forBatch makes so. */
const isBatch = (
  {run: {batch}}: Step,
  {size, count, place}: {readonly size: number; readonly count: number; readonly place: Place},
): boolean =>
  count === 0
    ? place.axis === 0 && perImage(place) === 1 && batch.declared > 0 && size === batch.declared
    : count === perImage(place)

/** Only the images' own axis is counted by the number of images. */
function countsOnlyAt(step: Step, counts: readonly number[], axis: number | undefined): void {
  if (counts.some((count, i) => count !== 0 && i !== axis))
    throw refuse(step.node, 'shapes something else than images by the number of images')
}

const reshape: Rule = (step) => {
  const [value, to] = step.inputs
  const track = step.track(0)
  const counts = to?.kind === 'host' ? countsOf(step.track(1), to) : []
  if (!track.place) {
    countsOnlyAt(step, counts, undefined)
    return track
  }
  const place = reordered(step)!
  countsOnlyAt(step, counts, place.axis)
  const sizes = to?.kind === 'host' ? to.data : (numbersOf(step.node, 'shape') ?? [])
  const size = sizes[place.axis]!
  const copied = size === 0 && numberOf(step.node, 'allowzero', 0) === 0
  const known =
    size === -1 ||
    (copied && samePlace(place, track.place)) ||
    isBatch(step, {size, count: counts[place.axis] ?? 0, place})
  if (!known) throw refuse(step.node, `makes [${shapeOf(step.outputs[0]!).join(', ')}] of ${of(value)}`)
  return {place}
}

const of = (value: Value | undefined) => `[${value ? shapeOf(value).join(', ') : ''}]`

/** Flatten, Squeeze, Unsqueeze: further inputs are axes. */
const sameOrder: Rule = (step) => {
  plainInputs(step, ...[...step.inputs.keys()].slice(1))
  const track = step.track(0)
  return track.place ? placed(reordered(step)) : track
}

const squeeze: Rule = (step) => {
  const axes = step.inputs[1] ?? numbersOf(step.node, 'axes')
  if (axes === undefined && step.track(0).place)
    throw refuse(step.node, 'takes all axes of one away, that of a single image too')
  return sameOrder(step)
}

const transpose: Rule = (step) => {
  const place = placeAt(step, 0)
  if (!place) return {}
  const rank = shapeAt(step, 0).length
  const order = numbersOf(step.node, 'perm') ?? Array.from({length: rank}, (_, i) => rank - 1 - i)
  return {place: {...place, axis: order.indexOf(place.axis)}}
}

const concat: Rule = (step) => {
  const inputs = [...step.inputs.keys()]
  if (inputs.some((input) => hasCounts(step.track(input)))) {
    const along = alongWith(step, inputs)
    if (!along) throw refuse(step.node, 'computes with the number of images')
    return along
  }
  const places = inputs.map((input) => step.track(input).place)
  const first = places.find((place) => place !== undefined)
  if (!first) return {}
  const axis = axisOf(numberOf(step.node, 'axis', 1), shapeAt(step, 0).length)
  if (axis === first.axis || !places.every((place) => place && samePlace(place, first)))
    throw refuse(step.node, 'puts something beside the images that is not one for each of them')
  return {place: first}
}

/** The largest whole number that exporters write for "to the end". */
export const END = 2 ** 31 - 1

const slice: Rule = (step) => {
  plainInputs(step, 1, 2, 3, 4)
  const along = alongWith(step, [0])
  if (along) return along
  const place = placeAt(step, 0)
  if (!place) return {}
  const list = (input: number, name: string) => {
    const value = step.inputs[input]
    return value?.kind === 'host' ? value.data : numbersOf(step.node, name)
  }
  const [from, to] = [list(1, 'starts') ?? [], list(2, 'ends') ?? []]
  const axes = list(3, 'axes') ?? from.map((_, i) => i)
  const rank = shapeAt(step, 0).length
  for (const [i, axis] of axes.entries())
    if (axisOf(axis, rank) === place.axis && !(from[i] === 0 && to[i]! >= END))
      throw refuse(step.node, 'takes some of the images')
  return {place}
}

const gather: Rule = (step) => {
  plainInputs(step, 1)
  const along = alongWith(step, [0])
  if (along) return along
  const place = placeAt(step, 0)
  if (!place) return {}
  const axis = axisOf(numberOf(step.node, 'axis', 0), shapeAt(step, 0).length)
  if (axis === place.axis) throw refuse(step.node, 'takes some of the images')
  const more = shapeAt(step, 1).length - 1
  return {place: place.axis > axis ? {...place, axis: place.axis + more} : place}
}

const split: Rule = (step) => {
  plainInputs(step, 1)
  const place = placeAt(step, 0)
  const axis = axisOf(numberOf(step.node, 'axis', 0), shapeAt(step, 0).length)
  if (place?.axis === axis) throw refuse(step.node, 'takes some of the images')
  return placed(place)
}

/** Where a shape that a graph made says that there is an entry for each image; all else in it is the same for every batch. */
function placeOfShape(step: Step, shape: Host, track: Track): Place | undefined {
  const counts = countsOf(track, shape)
  const axis = counts.findIndex((count) => count !== 0)
  if (axis >= 0) {
    countsOnlyAt(step, counts, axis)
    return {axis, outer: 1, inner: counts[axis]!}
  }
  const {declared, actual} = step.run.batch
  return declared > 0 && declared !== actual && shape.data[0] === declared ? FIRST : undefined
}

const expand: Rule = (step) => {
  const [value, to] = step.inputs
  const place = placeAt(step, 0)
  if (to?.kind !== 'host' || !value) return placed(place)
  const [own, rank] = [shapeOf(value), shapeOf(step.outputs[0]!).length]
  const moved = place && {...place, axis: place.axis + rank - own.length}
  const said = placeOfShape(step, to, step.track(1))
  const wanted = said && {...said, axis: said.axis + rank - to.data.length}
  if (!moved) {
    // What is repeated for each image is the same for all of them.
    if (wanted && (own[wanted.axis - (rank - own.length)] ?? 1) !== 1)
      throw refuse(step.node, 'has other numbers for the first image than for the next')
    return placed(wanted)
  }
  const literal = to.data[moved.axis - (rank - to.data.length)] ?? 1
  if (wanted ? wanted.axis !== moved.axis || perImage(wanted) !== perImage(moved) : literal !== 1)
    throw refuse(step.node, 'repeats images')
  return {place: moved}
}

const constantOfShape: Rule = (step) => {
  const [shape] = step.inputs
  plainInputs(step, 1)
  return placed(shape?.kind === 'host' ? placeOfShape(step, shape, step.track(0)) : undefined)
}

const shape: Rule = (step) => {
  const {place} = step.track(0)
  const counts = shapeAt(step, 0).map((_, axis) => (place?.axis === axis ? perImage(place) : 0))
  const {end} = step.node.attributes
  return {counts: counts.slice(numberOf(step.node, 'start', 0), typeof end === 'number' ? end : undefined)}
}

const size: Rule = (step) => {
  const {place} = step.track(0)
  const all = shapeAt(step, 0).reduce((a, b) => a * b, 1)
  return {counts: [place ? all / step.run.batch.actual : 0]}
}

const range: Rule = (step) => {
  plainInputs(step, 0, 1, 2)
  return {}
}

export const shapeRules: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: sameOrder,
  Unsqueeze: sameOrder,
  Squeeze: squeeze,
  Transpose: transpose,
  Concat: concat,
  Slice: slice,
  Gather: gather,
  Split: split,
  Expand: expand,
  ConstantOfShape: constantOfShape,
  Shape: shape,
  Size: size,
  Range: range,
}
