import * as tf from '@tensorflow/tfjs-core'
import type {GradConfig, Tensor, Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {
  batchNormEvalKernel,
  batchNormTrainGradientKernel,
  batchNormTrainKernel,
} from './batch-norm-kernels.ts'
import type {Epsilon} from './batch-norm-kernels.ts'

/** Same on every engine. */
export const batchNormGradients: readonly GradConfig[] = [
  {
    kernelName: batchNormTrainKernel,
    inputsToSave: ['x', 'weight'],
    // What the kernel gives beyond y goes to its gradient kernel as r0, r1, …
    outputsToSave: [false, true, true, true, true, true],
    gradFunc(cotangents, saved, attrs) {
      const [dy] = cotangents as [Tensor]
      const [x, weight, ...rest] = saved as [Tensor, Tensor, ...Tensor[]]
      const reserved = Object.fromEntries(rest.map((tensor, i) => [`r${i}`, tensor]))
      const [dx, dWeight, dBias] = tf
        .engine()
        .runKernel<[Tensor, Tensor, Tensor]>(
          batchNormTrainGradientKernel,
          {dy, x, weight, ...reserved},
          attrs,
        )
      return {x: () => dx, weight: () => dWeight, bias: () => dBias}
    },
  },
  {
    kernelName: batchNormTrainGradientKernel,
    inputsToSave: ['dy', 'x', 'weight'],
    gradFunc: secondOrder,
  },
  {
    kernelName: batchNormEvalKernel,
    inputsToSave: ['x', 'mean', 'variance', 'weight'],
    gradFunc(cotangent, saved, attrs) {
      const dy = cotangent as Tensor4D
      const [x, mean, variance, weight] = saved as [Tensor4D, Tensor1D, Tensor1D, Tensor1D]
      const scale = () => tf.rsqrt(tf.add(variance, (attrs as unknown as Epsilon).epsilon))
      const slope = () => tf.mul(weight, scale())
      const deviation = () => tf.sum(tf.mul(dy, tf.sub(x, mean)), pixels)
      return {
        x: () => tf.mul(dy, slope()),
        mean: () => tf.neg(tf.mul(tf.sum(dy, pixels), slope())),
        variance: () => tf.mul(deviation(), tf.mul(tf.mul(weight, -0.5), tf.pow(scale(), 3))),
        weight: () => tf.mul(deviation(), scale()),
        bias: () => tf.sum(dy, pixels),
      }
    },
  },
]

const pixels = [0, 1, 2]

/**
 * The gradient of the train kernel's gradient. With s = 1/sqrt(variance + epsilon), h = (x - mean)·s, g = dy and
 * P(v) = v - mean(v) - h·mean(v·h), which is symmetric, that gradient is dx = weight·s·P(g), dweight = Σ g·h,
 * dbias = Σ g. So L = Σ u·dx + Σ a·dweight + Σ b·dbias, with the cotangents u, a and b, has
 *
 *     ∂L/∂g = weight·s·P(u) + a·h + b
 *     ∂L/∂weight = s·A,  A = Σ u·P(g)
 *     ∂L/∂x = s·P(q) - weight·A·s²·h/n,  q = ∂L/∂h = a·g - weight·s·(u·mean(g·h) + g·mean(u·h))
 *
 * where the last term is what s does outside of h.
 */
function secondOrder(cotangents: Tensor | Tensor[], saved: Tensor[], attrs: object) {
  const [u, a, b] = cotangents as [Tensor4D, Tensor1D, Tensor1D]
  const [g, x, weight] = saved as [Tensor4D, Tensor4D, Tensor1D]
  const {mean, variance} = tf.moments(x, pixels)
  const s = tf.rsqrt(tf.add(variance, (attrs as Epsilon).epsilon))
  const h = tf.mul(tf.sub(x, mean), s)
  const average = (v: Tensor) => tf.mean(v, pixels)
  const project = (v: Tensor) => tf.sub(tf.sub(v, average(v)), tf.mul(h, average(tf.mul(v, h))))
  const projected = project(g)
  const A = tf.sum(tf.mul(u, projected), pixels)
  const slope = tf.mul(weight, s)
  const dX = () => {
    const both = tf.add(tf.mul(u, average(tf.mul(g, h))), tf.mul(g, average(tf.mul(u, h))))
    const q = tf.sub(tf.mul(a, g), tf.mul(slope, both))
    const count = x.size / x.shape[3]
    return tf.sub(tf.mul(s, project(q)), tf.mul(h, tf.div(tf.mul(tf.mul(slope, s), A), count)))
  }
  return {
    dy: () => tf.add(tf.add(tf.mul(slope, project(u)), tf.mul(a, h)), b),
    x: dX,
    weight: () => tf.mul(s, A),
  }
}
