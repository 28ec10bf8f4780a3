import * as tf from '@tensorflow/tfjs-core'
import type {GraphNode} from '../../../modelfile/plan.ts'
import {numberOf, numbersOf} from '../attributes.ts'
import {unsupported} from '../errors.ts'
import {unsupportedAttribute} from '../declared-attributes.ts'
import {guard} from '../guard.ts'
import {flow, host, plain, shapeOf, type Value} from '../value.ts'
import {axisOf, forBatch, known, needed, scalar, type Operator} from './operator.ts'

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)

/** Engines do no more. */
const MAX_RANK = 6

function reshaped(value: Value, shape: readonly number[], node: GraphNode): Value {
  if (shape.length > MAX_RANK) throw unsupported(`a tensor of ${shape.length} axes`)
  const size = product(shapeOf(value))
  const rest = product(shape.filter((n) => n >= 0))
  const whole = shape.map((n) => (n < 0 ? size / rest : n))
  if (product(whole) !== size)
    throw unsupported(
      `${node.op} ('${node.name}') makes [${whole.join(', ')}] of [${shapeOf(value).join(', ')}]`,
    )
  return value.kind === 'host' ? host(value.data, whole, value.whole) : flow(tf.reshape(plain(value), whole))
}

const reshape: Operator = ([x, to], node, run) => {
  const value = needed(x, node)
  const from = shapeOf(value)
  const said = to ? known(to, node).data : (numbersOf(node, 'shape') ?? [])
  const images = value.kind === 'tensor' && from[0] === run.batch.actual
  const wanted = images ? forBatch(said, run) : said
  const keep = numberOf(node, 'allowzero', 0) === 0
  return reshaped(
    value,
    wanted.map((n, i) => (n === 0 && keep ? (from[i] ?? 0) : n)),
    node,
  )
}

const flatten: Operator = ([x], node) => {
  const value = needed(x, node)
  const shape = shapeOf(value)
  const axis = axisOf(numberOf(node, 'axis', 1), shape.length)
  return reshaped(value, [product(shape.slice(0, axis)), product(shape.slice(axis))], node)
}

const transpose: Operator = ([x], node) => {
  const value = needed(x, node)
  const rank = shapeOf(value).length
  const order = numbersOf(node, 'perm') ?? Array.from({length: rank}, (_, i) => rank - 1 - i)
  const is = (...axes: number[]) => rank === 4 && axes.every((axis, i) => order[i] === axis)
  if (value.kind === 'tensor') {
    // Graphs that come from TensorFlow turn their images round: only the name of the order changes.
    if (value.nhwc && is(0, 2, 3, 1)) return flow(value.tensor)
    if (!value.nhwc && is(0, 3, 1, 2)) return flow(value.tensor, true)
  }
  return flow(tf.transpose(plain(value), [...order]))
}

const concat: Operator = (inputs, node) => {
  const values = inputs.map((value) => needed(value, node))
  if (values.every((value) => value.kind === 'host' && value.shape.length <= 1))
    return host(
      values.flatMap((value) => (value.kind === 'host' ? value.data : [])),
      undefined,
      values.every((value) => value.kind === 'host' && value.whole),
    )
  const axis = axisOf(numberOf(node, 'axis', 1), shapeOf(values[0]!).length)
  if (values.every((value) => value.kind === 'tensor' && value.nhwc)) {
    const place = [0, 3, 1, 2][axis]!
    return flow(
      tf.concat(
        values.map((value) => (value.kind === 'tensor' ? value.tensor : plain(value))),
        place,
      ),
      true,
    )
  }
  return flow(tf.concat(values.map(plain), axis))
}

const axesOf = (given: Value | undefined, node: GraphNode): readonly number[] | undefined =>
  given ? known(given, node).data : numbersOf(node, 'axes')

const unsqueeze: Operator = ([x, given], node) => {
  const value = needed(x, node)
  const axes = axesOf(given, node) ?? []
  const rank = shapeOf(value).length + axes.length
  const places = new Set(axes.map((axis) => axisOf(axis, rank)))
  const sizes = shapeOf(value)
  return reshaped(
    value,
    Array.from({length: rank}, (_, i) => (places.has(i) ? 1 : sizes.shift()!)),
    node,
  )
}

const squeeze: Operator = ([x, given], node) => {
  const value = needed(x, node)
  const shape = shapeOf(value)
  const axes = axesOf(given, node)?.map((axis) => axisOf(axis, shape.length))
  return reshaped(
    value,
    shape.filter((size, i) => (axes ? !axes.includes(i) : size !== 1)),
    node,
  )
}

const slice: Operator = ([x, starts, ends, axes, steps], node) => {
  const value = needed(x, node)
  const shape = shapeOf(value)
  const list = (given: Value | undefined, name: string) =>
    given ? known(given, node).data : numbersOf(node, name)
  const [from, to] = [list(starts, 'starts') ?? [], list(ends, 'ends') ?? []]
  const along = list(axes, 'axes') ?? from.map((_, i) => i)
  if ((list(steps, 'steps') ?? []).some((step) => step !== 1)) throw unsupported('a slice with steps')
  const begin = shape.map(() => 0)
  const size = [...shape]
  for (const [i, given] of along.entries()) {
    const axis = axisOf(given, shape.length)
    const whole = shape[axis]!
    const bound = (n: number) => Math.max(0, Math.min(whole, n < 0 ? n + whole : n))
    begin[axis] = bound(from[i]!)
    size[axis] = Math.max(0, bound(to[i]!) - begin[axis])
  }
  if (value.kind === 'host' && shape.length === 1)
    return host(value.data.slice(begin[0], begin[0]! + size[0]!), undefined, value.whole)
  return flow(tf.slice(plain(value), begin, size))
}

const gather: Operator = ([x, which], node) => {
  const value = needed(x, node)
  const {data, shape} = known(which, node)
  const from = shapeOf(value)
  const axis = axisOf(numberOf(node, 'axis', 0), from.length)
  const places = data.map((place) => axisOf(place, from[axis]!))
  const beyond = places.find((place) => !(place >= 0 && place < from[axis]!))
  if (beyond !== undefined)
    throw unsupported(`Gather ('${node.name}') takes the entry ${beyond} of ${from[axis]}`)
  if (value.kind === 'host' && from.length === 1)
    return host(
      places.map((place) => value.data[place]!),
      shape,
      value.whole,
    )
  const taken =
    places.length === 1
      ? tf.slice(
          plain(value),
          from.map((_, i) => (i === axis ? places[0]! : 0)),
          from.map((n, i) => (i === axis ? 1 : n)),
        )
      : tf.gather(plain(value), tf.tensor1d([...places], 'int32'), axis)
  return flow(tf.reshape(taken, [...from.slice(0, axis), ...shape, ...from.slice(axis + 1)]))
}

const split: Operator = ([x, sizes], node) => {
  const value = needed(x, node)
  const shape = shapeOf(value)
  const axis = axisOf(numberOf(node, 'axis', 0), shape.length)
  const parts = sizes ? known(sizes, node).data : numbersOf(node, 'split')
  const count = node.outputs.length
  const said = numberOf(node, 'num_outputs', count)
  if (said !== count) throw unsupportedAttribute(node, 'num_outputs', said)
  const even = Array.from({length: count}, (_, i) => {
    const size = Math.ceil(shape[axis]! / count)
    return Math.min(size, shape[axis]! - i * size)
  })
  if (value.kind === 'tensor' && value.nhwc && axis === 1)
    return tf.split(value.tensor, [...(parts ?? even)], 3).map((piece) => flow(piece, true))
  return tf.split(plain(value), [...(parts ?? even)], axis).map((piece) => flow(piece))
}

const expand: Operator = ([x, to], node, run) => {
  const value = needed(x, node)
  const wanted = forBatch(known(to, node).data, run)
  guard(wanted, node.op)
  if (value.kind === 'host' && value.data.length === 1)
    return host(
      Array.from({length: product(wanted)}, () => value.data[0]!),
      wanted,
      value.whole,
    )
  const from = shapeOf(value)
  const rank = Math.max(from.length, wanted.length)
  const at = (sizes: readonly number[], i: number) => sizes[i - (rank - sizes.length)] ?? 1
  return flow(
    tf.broadcastTo(
      plain(value),
      Array.from({length: rank}, (_, i) => Math.max(at(from, i), at(wanted, i))),
    ),
  )
}

export const shapes: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Concat: concat,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Slice: slice,
  Gather: gather,
  Split: split,
  Expand: expand,
  // The reader makes its value an input.
  ConstantOfShape: ([shape, value], node, run) => {
    const sizes = forBatch(known(shape, node).data, run)
    const given = value && known(value, node)
    const fill = given?.data[0] ?? 0
    guard(sizes, node.op)
    if (product(sizes) > 1_000_000) return flow(tf.fill([...sizes], fill))
    return host(
      Array.from({length: product(sizes)}, () => fill),
      sizes,
      given?.whole ?? false,
    )
  },
  Shape: ([x], node) => {
    const shape = shapeOf(needed(x, node))
    const {end} = node.attributes
    return host(shape.slice(numberOf(node, 'start', 0), typeof end === 'number' ? end : shape.length))
  },
  Size: ([x], node) => scalar(product(shapeOf(needed(x, node)))),
  Range: ([from, to, step], node) => {
    const [a, b, c] = [from, to, step].map((value) => known(value, node).data[0]!) as [number, number, number]
    const count = Math.max(0, Math.ceil((b - a) / c))
    if (!(count < 100_000)) throw unsupported(`a range of ${count} numbers`)
    const whole = [from, to, step].every((value) => known(value, node).whole)
    return host(
      Array.from({length: count}, (_, i) => a + i * c),
      undefined,
      whole,
    )
  },
  Constant: (_, node) => {
    const {value_int: int, value_float: float} = node.attributes
    if (typeof int === 'number') return scalar(int)
    if (typeof float === 'number') return host([float], [], false)
    const ints = numbersOf(node, 'value_ints')
    return host(ints ?? numbersOf(node, 'value_floats') ?? [], undefined, ints !== undefined)
  },
}
