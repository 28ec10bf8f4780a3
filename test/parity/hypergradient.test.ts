import {openEngine} from '@abd/core/engine'
import {hypergradient, klBatch, klMean, lossAndGradients, stopGradient} from '@abd/core/math'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor1D, Tensor2D} from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {expectClose, matrix, seq} from './golden.ts'

beforeAll(async () => {
  await openEngine('cpu')
})

/** The linear student S(x) = x Wᵀ on five rows, of which δ goes onto the second and the fourth in the outer loss. */
function toy() {
  const w = tf.variable(matrix([3, 4], 0.8))
  const x = matrix([5, 4], 1.9)
  const delta = tf.tensor1d(Float32Array.from(seq([4], 0.35), (value) => 0.3 * value))
  const rows = tf.tensor2d([0, 1, 0, 1, 0], [5, 1])
  const s = (input: Tensor2D) => tf.matMul<Tensor2D>(input, w, false, true)
  return {
    w,
    delta,
    clean: () => s(x),
    everywhere: (d: Tensor1D) => s(tf.add(x, d)),
    onRows: (d: Tensor1D) => s(tf.add(x, tf.mul(rows, d))),
  }
}

const penalty = (d: Tensor1D) => tf.mul<Scalar>(tf.sum(tf.square(d)), 0.001)

type Loss = (delta: Tensor1D) => Scalar

/** With nothing to keep of the forward passes. */
const bare = <T extends {inner: Loss; outer: Loss}>({inner, outer, ...rest}: T) => ({
  ...rest,
  inner: (delta: Tensor1D) => ({loss: inner(delta), extra: []}),
  outer: (delta: Tensor1D) => ({loss: outer(delta), extra: []}),
})

const zskt = () => {
  const {w, delta, clean, everywhere, onRows} = toy()
  return {
    delta,
    variables: [w],
    inner: (d: Tensor1D) => tf.sub<Scalar>(penalty(d), klMean(everywhere(d), stopGradient(clean()))),
    outer: (d: Tensor1D) => klMean(onRows(d), stopGradient(clean())),
  }
}

describe('G7: the hypergradient', () => {
  test('its two losses and their own gradients', async () => {
    const {delta, variables, inner, outer} = zskt()
    expectClose(await inner(delta).data(), [-0.01945536778], 1e-5)
    const {loss, gradients} = lossAndGradients([delta, ...variables], () => outer(delta))
    expectClose(await loss.data(), [0.007147210346], 1e-5)
    expectClose(
      await gradients[0]!.data(),
      [0.02621504196, 0.03468292219, 0.02211260723, -0.003870918561],
      1e-4,
    )
    expectClose(
      (await gradients[1]!.data()).slice(0, 4),
      [-0.0007021523683, -0.001988336253, 0.007016211682, 0.004222474086],
      1e-4,
    )
  })

  test('as ZSKT has it', async () => {
    const {loss, gradients} = hypergradient(bare(zskt()))
    expectClose(await loss.data(), [0.007147210346], 1e-5)
    expectClose(
      await (gradients[0] as Tensor).data(),
      [
        0.0001163809434,
        -0.001761180184,
        0.008040789529,
        0.005277041469, //
        -0.0005746777754,
        0.00406140433,
        -0.01418854515,
        -0.009954372773, //
        0.000458296832,
        -0.002300224146,
        0.006147755626,
        0.004677331305,
      ],
      1e-4,
    )
  })

  test('without curvature v is five times the direct gradient', async () => {
    // L_in = θ δ + δ², L_out = δ² + θ at δ = 1: H = 2, ∂L_out/∂δ = 2, the cross derivative 1, so h = 1 - 0.1 v. With the
    // series v ← 0.8 v + 2 = 2, 3.6, 4.88, 5.904, 6.7232; without it 5 · 2.
    const theta = tf.variable(tf.scalar(3))
    const scalarProblem = {
      delta: tf.tensor1d([1]),
      variables: [theta],
      inner: (d: Tensor1D) => tf.add<Scalar>(tf.sum(tf.mul(d, theta)), tf.sum(tf.square(d))),
      outer: (d: Tensor1D) => tf.add<Scalar>(tf.sum(tf.square(d)), theta),
    }
    const slope = async (curvature: boolean) =>
      (hypergradient(bare(scalarProblem), {curvature}).gradients[0] as Tensor).data()
    expectClose(await slope(true), [0.32768], 1e-5)
    expect((await slope(false))[0]).toBeCloseTo(0, 6)
  })

  test('as CMI has it: at temperature 20, the target not held fixed', async () => {
    const {w, delta, clean, everywhere, onRows} = toy()
    const {gradients} = hypergradient(
      bare({
        delta,
        variables: [w],
        inner: (d: Tensor1D) => tf.sub<Scalar>(penalty(d), klBatch(everywhere(d), stopGradient(clean()), 20)),
        outer: (d: Tensor1D) => klBatch(onRows(d), clean(), 20),
      }),
    )
    expectClose(
      (await (gradients[0] as Tensor).data()).slice(0, 8),
      [
        0.01791656849,
        0.0245891505,
        0.02572502372,
        0.02500475356, //
        -0.0338776031,
        -0.04616416096,
        -0.04837085748,
        -0.04813184212,
      ],
      1e-4,
    )
  })
})
