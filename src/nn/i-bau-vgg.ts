import * as tf from '@tensorflow/tfjs-core'
import type {Architecture} from './architecture.ts'
import {chain} from './chain.ts'
import type {Stage} from './chain.ts'
import {elu} from './elu.ts'
import {maxPool} from './max-pool.ts'
import {batchNorm, biasedConvolution, linear} from './specification.ts'

export interface IBauVggOptions {
  readonly classes: number
  /** Height, width, channels, at least 8 x 8; by default 32 x 32 x 3. */
  readonly input?: readonly [number, number, number]
}

/** Of the feature extractor, as PyTorch's Sequential counts: convolution, channels, and whether a pooling follows. */
const layers = [
  {index: 0, outputs: 32, pool: false},
  {index: 3, outputs: 32, pool: true},
  {index: 8, outputs: 64, pool: false},
  {index: 11, outputs: 64, pool: true},
  {index: 16, outputs: 128, pool: false},
  {index: 19, outputs: 128, pool: true},
]

/**
 * The small VGG of I-BAU (Zeng et al., 2022; also ABD's `VGG16` for GTSRB): six convolutions with bias, each with
 * BatchNorm and ELU, max-pooling after every second, one linear layer. It departs from them in one thing: dropout is
 * left out of `train` mode, where a forward pass is a function of its inputs alone.
 */
export function iBauVgg({classes, input = [32, 32, 3]}: IBauVggOptions): Architecture {
  const [height, width, channels] = input
  const stages = layers.map(({index, outputs, pool}, position): Stage => {
    const inputs = layers[position - 1]?.outputs ?? channels
    const [convolution, norm] = [`features.${index}`, `features.${index + 1}`]
    return {
      specification: [
        ...biasedConvolution(convolution, {inputs, outputs, size: 3}),
        ...batchNorm(norm, outputs),
      ],
      run(pass, x) {
        const a = elu(pass.batchNorm(norm, pass.convolution(convolution, x)))
        return pool ? maxPool(a) : a
      },
      endsGroup: pool,
    }
  })
  const of = [128, Math.floor(height / 8), Math.floor(width / 8)] as const
  const inputs = of[0] * of[1] * of[2]
  return chain({
    name: 'i-bau-vgg',
    classes,
    input,
    stages,
    head: {
      specification: linear('classifier', {inputs, outputs: classes, flattened: {axis: 1, of}}),
      layer: 'classifier',
      features: (_, h) => tf.reshape(h, [-1, inputs]),
    },
  })
}
