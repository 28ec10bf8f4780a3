import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {elu} from '../../elu.ts'
import {relu} from '../../relu.ts'
import {numberOf, textOf} from '../attributes.ts'
import {unsupported} from '../errors.ts'
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

/** Klambauer et al., 2017. */
const SELU_ALPHA = 1.6732632423543772
const SELU_GAMMA = 1.0507009873554805

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

export const elementwise: Readonly<Record<string, Operator>> = {
  Identity: ([x], node) => needed(x, node),
  Dropout: ([x], node) => needed(x, node),
  Relu: unary((x) => relu(x)),
  LeakyRelu: unary((x, node) => tf.leakyRelu(x, numberOf(node, 'alpha', 0.01))),
  Elu: unary((x, node) => {
    const alpha = numberOf(node, 'alpha', 1)
    return alpha === 1 ? elu(x) : tf.add(relu(x), tf.mul(alpha, tf.sub(tf.exp(tf.minimum(x, 0)), 1)))
  }),
  Selu: unary((x, node) => {
    const [alpha, gamma] = [numberOf(node, 'alpha', SELU_ALPHA), numberOf(node, 'gamma', SELU_GAMMA)]
    return tf.mul(gamma, tf.add(relu(x), tf.mul(alpha, tf.sub(tf.exp(tf.minimum(x, 0)), 1))))
  }),
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
  // All numbers here are float32 or whole; what a type would change is only how they are stored.
  Cast: ([x], node) => {
    const value = needed(x, node)
    if (value.kind !== 'host') return value
    const whole = [2, 3, 4, 5, 6, 7, 9, 12, 13].includes(numberOf(node, 'to', 1))
    return host(whole ? value.data.map(Math.trunc) : value.data, value.shape, whole)
  },
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
    const {data, shape} = known(condition, node)
    const [x, y] = [known(a, node), known(b, node)]
    const at = (value: Host, i: number) => value.data[value.data.length === 1 ? 0 : i]!
    return host(
      data.map((yes, i) => (yes ? at(x, i) : at(y, i))),
      shape,
      x.whole && y.whole,
    )
  },
}
