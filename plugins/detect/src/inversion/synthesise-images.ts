import type {Context} from '@abd/core'
import {steady} from '@abd/core/engine'
import type {Images} from '@abd/core/data'
import {toImages} from '@abd/core/data'
import {adam, crossEntropy, inversionLoss, lossAndGradients, scalars, totalVariation} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import {normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {labelVariable, takeSteps} from './take-steps.ts'

export interface SynthesisOptions {
  readonly count?: number
  readonly steps?: number
  readonly rate?: number
  /** Weights of the distance from the running statistics and of roughness, beside the cross-entropy's 1. */
  readonly inversion?: number
  readonly variation?: number
}

/**
 * Images as the model remembers its training images (DeepInversion, Yin et al., CVPR 2020): pixels x in [0, 1], classes in
 * equal shares, moved by Adam (β 0.5, 0.99) to make
 *   CE(f(x), y) + inversion · Σ_l (‖σ²_l − var_l(x)‖ + ‖μ_l − mean_l(x)‖) + variation · TV(x)
 * small, over the BatchNorms l. A model without BatchNorm leaves only the first and the last term.
 */
export async function synthesiseImages(
  model: Model,
  {count = 100, steps = 100, rate = 0.03, inversion = 10, variation = 1e-2}: SynthesisOptions,
  context: Context,
): Promise<Images> {
  const {architecture, parameters} = model.network
  const {classes, input} = architecture
  const random = context.random.fork('synthetic images')
  const pixels = tf.tidy(() => tf.variable(random.uniformTensor([count, ...input])))
  const labels = labelVariable(count, (i) => i % classes)
  using optimiser = adam([pixels], {beta1: 0.5, beta2: 0.99})
  const work = steady(({numbers}: {numbers: Scalar[]}) => {
    const {gradients} = lossAndGradients([pixels], () => {
      const x = normalise(pixels as unknown as Tensor4D, model.normalisation)
      const apart: Scalar[] = []
      const {logits} = architecture.forward(parameters, x, 'eval', (layer, h) => {
        const of = (part: string) => parameters.get(`${layer}.${part}`) as unknown as Tensor1D
        apart.push(inversionLoss(h, {mean: of('running_mean'), variance: of('running_var')}))
      })
      return tf.addN([
        crossEntropy(logits, labels),
        tf.mul(totalVariation(x), variation),
        ...(apart.length > 0 ? [tf.mul(tf.addN(apart), inversion)] : []),
      ]) as Scalar
    })
    optimiser.change(gradients, numbers)
    pixels.assign(tf.clipByValue(pixels, 0, 1))
    return {}
  })
  const task = context.progress.start('Synthetic images', steps)
  try {
    const step = () => void work({numbers: scalars(optimiser.next(rate))})
    await takeSteps(steps, step, {label: 'A step of synthesis', task, context})
    return await toImages(pixels as unknown as Tensor4D)
  } finally {
    task.end()
    tf.dispose([pixels, labels])
  }
}
