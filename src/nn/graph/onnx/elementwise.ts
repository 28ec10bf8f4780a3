import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {elu} from '../../elu.ts'
import {relu} from '../../relu.ts'
import {numberOf, textOf} from '../attributes.ts'
import {unsupported} from '../errors.ts'
import {unsupportedAttribute} from '../declared-attributes.ts'
import {guard} from '../guard.ts'
import {besideImage, flow, host, plain, shapeOf, type Host, type Value} from '../value.ts'
import {known, needed, type Operator} from './operator.ts'

const unary =
  (of: (x: Tensor, node: Parameters<Operator>[1]) => Tensor, onHost?: (x: number) => number): Operator =>
  ([x], node) => {
    const value = needed(x, node)
    if (value.kind === 'host' && onHost) return host(value.data.map(onHost), value.shape, value.whole)
    return value.kind === 'host' ? flow(of(plain(value), node)) : flow(of(value.tensor, node), value.nhwc)
  }

const binary =
  (of: (a: Tensor, b: Tensor) => Tensor, onHost: (a: number, b: number) => number): Operator =>
  ([a, b], node) => {
    const [x, y] = [needed(a, node), needed(b, node)]
    if (x.kind === 'host' && y.kind === 'host') return broadcast(x, y, onHost)
    const image = [x, y].some((value) => value.kind === 'tensor' && value.nhwc)
    guard(broadcastShape(shapeOf(x), shapeOf(y)), node.op)
    return image ? flow(of(besideImage(x), besideImage(y)), true) : flow(of(plain(x), plain(y)))
  }

/** By NumPy's rules. */
export function broadcast(x: Host, y: Host, of: (a: number, b: number) => number): Host {
  const shape = broadcastShape(x.shape, y.shape)
  const size = shape.reduce((a, b) => a * b, 1)
  if (size > MOST_ON_HOST) throw unsupported(`shapes of [${shape.join(', ')}] to compute with`)
  const at = (value: Host, index: number) => value.data[placeIn(value.shape, shape, index)]!
  return host(
    Array.from({length: size}, (_, i) => of(at(x, i), at(y, i))),
    shape,
    x.whole && y.whole,
  )
}

const MOST_ON_HOST = 1_000_000

/** Where the number at a flat index of the broadcast shape lies in one of the operands. */
function placeIn(own: readonly number[], shape: readonly number[], index: number): number {
  let [place, step, rest] = [0, 1, index]
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = own[axis - (shape.length - own.length)] ?? 1
    if (size > 1) place += (rest % shape[axis]!) * step
    step *= size
    rest = Math.floor(rest / shape[axis]!)
  }
  return place
}

function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  const at = (shape: readonly number[], i: number) => shape[i - (rank - shape.length)] ?? 1
  return Array.from({length: rank}, (_, i) => Math.max(at(a, i), at(b, i)))
}

const several =
  (of: (a: Tensor, b: Tensor) => Tensor, onHost: (a: number, b: number) => number): Operator =>
  (inputs, node, run) =>
    inputs
      .map((value) => needed(value, node))
      .reduce((a, b) => binary(of, onHost)([a, b], node, run) as Value)

/** Klambauer et al., 2017; before opset 6 with four digits. */
const SELU = {alpha: 1.6732632423543772, gamma: 1.0507009873554805}
const SELU_BEFORE_6 = {alpha: 1.6732, gamma: 1.0507}

const hardSigmoid = (x: Tensor, slope: number, shift: number) =>
  tf.clipByValue(tf.add(tf.mul(x, slope), shift), 0, 1)

const gelu = (x: Tensor, approximate: boolean) =>
  approximate
    ? tf.mul(
        tf.mul(x, 0.5),
        tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3)))))),
      )
    : tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))))

/** Bounds are attributes before opset 11 and inputs since. */
const clip: Operator = ([x, low, high], node, run) => {
  const value = needed(x, node)
  const bound = (given: Value | undefined, name: string, fallback: number) =>
    given ? (known(given, node).data[0] ?? fallback) : numberOf(node, name, fallback)
  const [min, max] = [bound(low, 'min', -3.4e38), bound(high, 'max', 3.4e38)]
  return unary((t) => (min === 0 && max === 6 ? tf.relu6(t) : tf.clipByValue(t, min, max)))(
    [value],
    node,
    run,
  )
}

/** Before opset 7 a list of factors was one for each channel. */
const slope: Operator = ([x, given], node, {opset}) => {
  const value = needed(x, node)
  const image = value.kind === 'tensor' && value.nhwc
  const factors = plain(needed(given, node))
  const rest = shapeOf(value).slice(2)
  const factor =
    opset < 7 && factors.rank === 1 && factors.size > 1
      ? flow(tf.reshape(factors, [factors.size, ...rest.map(() => 1)]))
      : needed(given, node)
  const [t, f] = image ? [besideImage(value), besideImage(factor)] : [plain(value), plain(factor)]
  return flow(tf.add(relu(t), tf.mul(f, tf.minimum(t, 0))), image)
}

/** Before opset 7 it drops unless `is_test`, from 12 on where its third input says so. */
const dropout: Operator = ([x, , training], node, {opset}) => {
  if (opset < 7 && node.attributes['is_test'] === undefined) throw unsupportedAttribute(node, 'is_test')
  if (training && known(training, node).data[0] !== 0)
    throw unsupported(`the operator Dropout ('${node.name}') has training_mode = true, which drops at random`)
  return needed(x, node)
}

/** TensorProto.DataType of whole numbers, with what is left of a number in them. */
const wholeTypes: Readonly<Record<number, (x: number) => number>> = {
  2: (x) => Math.trunc(x) & 0xff,
  3: (x) => (Math.trunc(x) << 24) >> 24,
  4: (x) => Math.trunc(x) & 0xffff,
  5: (x) => (Math.trunc(x) << 16) >> 16,
  6: (x) => Math.trunc(x) | 0,
  7: Math.trunc,
  9: (x) => Number(x !== 0),
  12: (x) => Math.trunc(x) >>> 0,
  13: Math.trunc,
}

/**
 * All that is computed of images is float32 here, and other floating-point types would only round it otherwise. Whole
 * numbers and truth values would be other numbers: there they are refused.
 */
const cast: Operator = ([x], node) => {
  const value = needed(x, node)
  const to = node.attributes['to']
  if (typeof to !== 'number') throw unsupportedAttribute(node, 'to', to)
  const convert = wholeTypes[to]
  if (value.kind !== 'host') {
    if (convert) throw unsupportedAttribute(node, 'to', to)
    return value
  }
  // What wraps round is not known of numbers that are not exact here.
  if (convert && to !== 9 && value.data.some((n) => !(Math.abs(n) <= Number.MAX_SAFE_INTEGER)) && to !== 7)
    throw unsupportedAttribute(node, 'to', to)
  return host(convert ? value.data.map(convert) : value.data, value.shape, convert !== undefined)
}

export const elementwise: Readonly<Record<string, Operator>> = {
  Identity: ([x], node) => needed(x, node),
  Dropout: dropout,
  Relu: unary((x) => relu(x)),
  LeakyRelu: unary((x, node) => tf.leakyRelu(x, numberOf(node, 'alpha', 0.01))),
  Elu: unary((x, node) => {
    const alpha = numberOf(node, 'alpha', 1)
    return alpha === 1 ? elu(x) : tf.add(relu(x), tf.mul(alpha, tf.sub(tf.exp(tf.minimum(x, 0)), 1)))
  }),
  Selu: (inputs, node, run) => {
    const usual = run.opset < 6 ? SELU_BEFORE_6 : SELU
    const [alpha, gamma] = [numberOf(node, 'alpha', usual.alpha), numberOf(node, 'gamma', usual.gamma)]
    const of = (x: Tensor) =>
      tf.mul(gamma, tf.add(relu(x), tf.mul(alpha, tf.sub(tf.exp(tf.minimum(x, 0)), 1))))
    return unary(of)(inputs, node, run)
  },
  PRelu: slope,
  Sigmoid: unary((x) => tf.sigmoid(x)),
  HardSigmoid: unary((x, node) => hardSigmoid(x, numberOf(node, 'alpha', 0.2), numberOf(node, 'beta', 0.5))),
  HardSwish: unary((x) => tf.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Gelu: unary((x, node) => gelu(x, textOf(node, 'approximate') === 'tanh')),
  Softplus: unary((x) => tf.softplus(x)),
  Tanh: unary((x) => tf.tanh(x)),
  Erf: unary((x) => tf.erf(x)),
  Exp: unary((x) => tf.exp(x)),
  Log: unary((x) => tf.log(x)),
  Sqrt: unary((x) => tf.sqrt(x), Math.sqrt),
  Abs: unary((x) => tf.abs(x), Math.abs),
  Neg: unary(
    (x) => tf.neg(x),
    (x) => -x,
  ),
  Reciprocal: unary(
    (x) => tf.div(1, x),
    (x) => 1 / x,
  ),
  Floor: unary((x) => tf.floor(x), Math.floor),
  Ceil: unary((x) => tf.ceil(x), Math.ceil),
  Clip: clip,
  Cast: cast,
  Add: binary(
    (a, b) => tf.add(a, b),
    (a, b) => a + b,
  ),
  Sub: binary(
    (a, b) => tf.sub(a, b),
    (a, b) => a - b,
  ),
  Mul: binary(
    (a, b) => tf.mul(a, b),
    (a, b) => a * b,
  ),
  Div: ([a, b], node, run) => {
    const [x, y] = [needed(a, node), needed(b, node)]
    const cutOff = x.kind === 'host' && y.kind === 'host' && x.whole && y.whole
    return binary(
      (t, u) => tf.div(t, u),
      (t, u) => (cutOff ? Math.trunc(t / u) : t / u),
    )([x, y], node, run)
  },
  Pow: binary((a, b) => tf.pow(a, b), Math.pow),
  Sum: several(
    (a, b) => tf.add(a, b),
    (a, b) => a + b,
  ),
  Max: several((a, b) => tf.maximum(a, b), Math.max),
  Min: several((a, b) => tf.minimum(a, b), Math.min),
  // With `fmod` the sign is the dividend's, as C has it, else the divisor's, as Python does.
  Mod: ([a, b], node) =>
    broadcast(
      known(a, node),
      known(b, node),
      numberOf(node, 'fmod', 0) === 1 ? (x, y) => x % y : (x, y) => x - y * Math.floor(x / y),
    ),
  Equal: ([a, b], node) => broadcast(known(a, node), known(b, node), (x, y) => Number(x === y)),
  Greater: ([a, b], node) => broadcast(known(a, node), known(b, node), (x, y) => Number(x > y)),
  Less: ([a, b], node) => broadcast(known(a, node), known(b, node), (x, y) => Number(x < y)),
  Not: ([a], node) =>
    host(
      known(a, node).data.map((x) => Number(x === 0)),
      shapeOf(known(a, node)),
    ),
  Where: ([condition, a, b], node) => {
    const [yes, x, y] = [known(condition, node), known(a, node), known(b, node)]
    const first = broadcast(yes, x, (is, value) => (is ? value : 0))
    const second = broadcast(yes, y, (is, value) => (is ? 0 : value))
    return {...broadcast(first, second, (p, q) => p + q), whole: x.whole && y.whole}
  },
}
