import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {usageError} from '../errors.ts'
import type {Layout, Mode, Parameters} from './architecture.ts'
import {startPass} from './pass.ts'
import {batchNorm, biasedConvolution, linear, plainConvolution} from './specification.ts'

export interface Generated {
  readonly images: Tensor4D // [B, H, W, C]
  /** `train` only: parameter name to its updated running statistic. */
  readonly moments: ReadonlyMap<string, Tensor>
}

/** A network that turns noise into images. */
export interface GeneratorArchitecture extends Layout {
  /** Length of the noise vector. */
  readonly latent: number
  /** Height, width, channels. */
  readonly output: readonly [number, number, number]
  /** `z`: [B, latent]. */
  forward(parameters: Parameters, z: Tensor2D, mode: Mode): Generated
}

type ImageShape = readonly [number, number, number]

/** What the generators do not share: their names, their widths and their ends. */
interface Variant {
  readonly name: string
  readonly latent: number
  /** Channels after the linear layer. */
  readonly width?: number
  /** Linear, BatchNorm, convolution, BatchNorm, convolution, BatchNorm, convolution. */
  readonly layers: readonly [string, string, string, string, string, string, string]
  /** Do the two inner convolutions have a bias? */
  readonly biased: boolean
  /** BatchNorm after the last convolution; without one, a sigmoid. */
  readonly lastNorm?: string
}

/**
 * The generator of ZSKT (Micaelli and Storkey, 2019). Its images are already normalised: the last layer is a
 * BatchNorm, nothing squashes or clips them. `output` is a multiple of 4 high and wide; by default 32 x 32 x 3.
 * Throws E_GENERATOR_SIZE, as the others here do.
 */
export const zsktGenerator = (output: ImageShape = [32, 32, 3]): GeneratorArchitecture =>
  upsampling(output, {
    name: 'zskt-generator',
    latent: 100,
    layers: ['layers.0', 'layers.2', 'layers.4', 'layers.5', 'layers.8', 'layers.9', 'layers.11'],
    biased: true,
    lastNorm: 'layers.12',
  })

/** The generator of CMI (Fang et al., 2021): images in [0, 1]. It is drawn as PyTorch does by default; CMI redraws it. */
export const cmiGenerator = (output: ImageShape = [32, 32, 3]): GeneratorArchitecture =>
  upsampling(output, {
    name: 'cmi-generator',
    latent: 256,
    layers: CMI_LAYERS,
    biased: false,
  })

/**
 * The generator of DAFL, DFQ and DFAD in the code around CMI (Fang et al., 2021): CMI's with 256 channels instead of 128
 * after its linear layer. Images in [0, 1]; 512 latent numbers for DAFL, 256 for the others.
 */
export const largeGenerator = (latent: number, output: ImageShape = [32, 32, 3]): GeneratorArchitecture =>
  upsampling(output, {name: 'large-generator', latent, width: 256, layers: CMI_LAYERS, biased: false})

const CMI_LAYERS: Variant['layers'] = [
  'l1.0',
  'conv_blocks.0',
  'conv_blocks.2',
  'conv_blocks.3',
  'conv_blocks.6',
  'conv_blocks.7',
  'conv_blocks.9',
]

/** A linear layer to a quarter of the size, then twice: nearest neighbours, convolution, BatchNorm, leaky ReLU. */
function upsampling(
  output: ImageShape,
  {name, latent, width: first = 128, layers, biased, lastNorm}: Variant,
): GeneratorArchitecture {
  const [height, width, channels] = output
  if (height % 4 !== 0 || width % 4 !== 0)
    throw usageError({
      code: 'E_GENERATOR_SIZE',
      message: `A generator's images are a multiple of 4 high and wide, and this network's are ${height} x ${width}.`,
      hints: ['Take a method that draws without one: ood, deepinversion or, with labelled images, clean_kd.'],
    })
  const [project, norm0, conv1, norm1, conv2, norm2, conv3] = layers
  const base = [first, height / 4, width / 4] as const // [C,h,w]
  const inner = biased ? biasedConvolution : plainConvolution

  return {
    name,
    latent,
    output,
    parameters: new Map([
      ...linear(project, {
        inputs: latent,
        outputs: base[0] * base[1] * base[2],
        flattened: {axis: 0, of: base},
      }),
      ...batchNorm(norm0, first),
      ...inner(conv1, {inputs: first, outputs: 128, size: 3}),
      ...batchNorm(norm1, 128),
      ...inner(conv2, {inputs: 128, outputs: 64, size: 3}),
      ...batchNorm(norm2, 64),
      ...biasedConvolution(conv3, {inputs: 64, outputs: channels, size: 3}),
      ...(lastNorm ? batchNorm(lastNorm, channels) : []),
    ]),
    forward(parameters, z, mode) {
      const pass = startPass(parameters, mode)
      const start: Tensor4D = tf.reshape(pass.linear(project, z), [-1, base[1], base[2], base[0]])
      const half = pass.upsampledConvolution(conv1, pass.batchNorm(norm0, start))
      const full = pass.upsampledConvolution(conv2, tf.leakyRelu(pass.batchNorm(norm1, half), 0.2))
      const last = tf.leakyRelu(pass.batchNorm(norm2, full), 0.2)
      const drawn = pass.convolution(conv3, last)
      const images = lastNorm ? pass.batchNorm(lastNorm, drawn) : tf.sigmoid(drawn)
      return {images, moments: pass.moments()}
    },
  }
}
