import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {logSoftmax} from '../../../math/log-softmax.ts'
import type {GraphNode} from '../../../modelfile/plan.ts'
import {spatialMean} from '../../spatial-mean.ts'
import {numberOf, numbersOf} from '../attributes.ts'
import {batchMatMul} from '../batch-mat-mul.ts'
import {guard} from '../guard.ts'
import {flow, plain, shapeOf, type Value} from '../value.ts'
import {axisOf, known, needed, type Operator} from './operator.ts'

/** α · A · B + β · C; a weight [out, in] that the graph turns round lies turned round already (`nhwc`). */
const gemm: Operator = ([a, b, c], node) => {
  const [x, w] = [plain(needed(a, node)), needed(b, node)]
  const turned = numberOf(node, 'transB', 0) === 1
  const y =
    w.kind === 'tensor' && w.nhwc
      ? tf.matMul(x, w.tensor, numberOf(node, 'transA', 0) === 1)
      : tf.matMul(x, plain(w), numberOf(node, 'transA', 0) === 1, turned)
  const [alpha, beta] = [numberOf(node, 'alpha', 1), numberOf(node, 'beta', 1)]
  const scaled = alpha === 1 ? y : tf.mul(y, alpha)
  return flow(c ? tf.add(scaled, beta === 1 ? plain(c) : tf.mul(plain(c), beta)) : scaled)
}

const matMul: Operator = ([a, b], node) => {
  const [left, right] = [plain(needed(a, node)), plain(needed(b, node))]
  // A vector is a row on the left and a column on the right, and its axis of one goes again.
  const x = left.rank === 1 ? tf.reshape(left, [1, left.size]) : left
  const y = right.rank === 1 ? tf.reshape(right, [right.size, 1]) : right
  const made = productOf(x, y, node)
  if (left.rank > 1 && right.rank > 1) return flow(made)
  const shape = made.shape.filter(
    (_, i) => !((left.rank === 1 && i === made.rank - 2) || (right.rank === 1 && i === made.rank - 1)),
  )
  return flow(tf.reshape(made, shape))
}

function productOf(x: Tensor, y: Tensor, node: GraphNode): Tensor {
  guard([...x.shape.slice(0, -1), ...y.shape.slice(0, -2), y.shape.at(-1) ?? 1], node.op)
  if (x.rank > 2 && y.rank === 2) {
    // One product of two matrices: engines do not broadcast here.
    const rows = x.shape.slice(0, -1)
    const flat = tf.matMul(tf.reshape(x, [-1, x.shape.at(-1)!]), y)
    return tf.reshape(flat, [...rows, y.shape[1]!])
  }
  return batchMatMul(x, y)
}

type Reduce = (x: Tensor, axes: number[], keep: boolean) => Tensor

const reduction =
  (reduce: Reduce): Operator =>
  ([x, given], node) => {
    const value = needed(x, node)
    const rank = shapeOf(value).length
    const listed = (given ? known(given, node).data : numbersOf(node, 'axes')) ?? []
    if (listed.length === 0 && numberOf(node, 'noop_with_empty_axes', 0) === 1) return value
    const chosen = listed.length === 0 ? shapeOf(value).map((_, i) => i) : listed
    const axes = chosen.map((axis) => axisOf(axis, rank))
    const keep = numberOf(node, 'keepdims', 1) === 1
    if (value.kind === 'tensor' && value.nhwc && axes.length === 2 && axes.includes(2) && axes.includes(3)) {
      const y = reduce(value.tensor, [1, 2], keep)
      return flow(y, keep)
    }
    return flow(reduce(plain(value), axes, keep))
  }

const mean: Reduce = (x, axes, keep) =>
  x.rank === 4 && !keep && axes[0] === 1 && axes[1] === 2 && axes.length === 2
    ? spatialMean(x as tf.Tensor4D)
    : tf.mean(x, axes, keep)

/** Along the last axis as engines have it; another axis is turned to the end and back. */
function alongAxis(value: Value, node: GraphNode, of: (x: Tensor) => Tensor, opset: number): Value {
  const shape = shapeOf(value)
  const axis = axisOf(numberOf(node, 'axis', opset < 13 ? 1 : -1), shape.length)
  const x = plain(value)
  // Before opset 13 all axes from that one on were one.
  if (opset < 13 && axis < shape.length - 1) {
    const rows = shape.slice(0, axis).reduce((a, b) => a * b, 1)
    return flow(tf.reshape(of(tf.reshape(x, [rows, -1])), shape))
  }
  if (axis === shape.length - 1) return flow(of(x))
  const order = shape.map((_, i) => (i === axis ? shape.length - 1 : i === shape.length - 1 ? axis : i))
  return flow(tf.transpose(of(tf.transpose(x, order)), order))
}

const layerNorm: Operator = ([x, weight, bias], node) => {
  const value = plain(needed(x, node))
  const first = axisOf(numberOf(node, 'axis', -1), value.rank)
  const axes = value.shape.map((_, i) => i).slice(first)
  const centred = tf.sub(value, tf.mean(value, axes, true))
  const variance = tf.mean(tf.square(centred), axes, true)
  const normal = tf.div(centred, tf.sqrt(tf.add(variance, numberOf(node, 'epsilon', 1e-5))))
  const scaled = weight ? tf.mul(normal, plain(weight)) : normal
  return flow(bias ? tf.add(scaled, plain(bias)) : scaled)
}

export const algebra: Readonly<Record<string, Operator>> = {
  Gemm: gemm,
  MatMul: matMul,
  ReduceMean: reduction(mean),
  ReduceSum: reduction((x, axes, keep) => tf.sum(x, axes, keep)),
  ReduceMax: reduction((x, axes, keep) => tf.max(x, axes, keep)),
  ReduceL2: reduction((x, axes, keep) => tf.sqrt(tf.sum(tf.square(x), axes, keep))),
  Softmax: ([x], node, {opset}) => alongAxis(needed(x, node), node, (t) => tf.softmax(t), opset),
  LogSoftmax: ([x], node, {opset}) =>
    alongAxis(
      needed(x, node),
      node,
      (t) => (t.rank === 2 ? logSoftmax(t as tf.Tensor2D) : tf.logSoftmax(t)),
      opset,
    ),
  LayerNormalization: layerNorm,
}
