import type {Architecture} from './architecture.ts'
import {chain, type Stage} from './chain.ts'
import {maxPool} from './max-pool.ts'
import {relu} from './relu.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, biasedConvolution, linear} from './specification.ts'

/** Channels of the convolutions of each block. */
export const vggDepths = {
  8: [[64], [128], [256], [512], [512]],
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
} as const
export type VggDepth = keyof typeof vggDepths

export interface CmiVggOptions {
  readonly depth: VggDepth
  readonly classes: number
  /** Height, width, channels; by default 32 x 32 x 3. */
  readonly input?: readonly [number, number, number]
}

/**
 * VGG-8, -11 and -13 with BatchNorm as CMI has them (after HobbitLong/RepDistiller): five blocks `block0` to `block4`,
 * pooling after the first three, and after the fourth where images have 64 pixels; the mean over the image.
 */
export function cmiVgg({depth, classes, input = [32, 32, 3]}: CmiVggOptions): Architecture {
  const pooled = input[0] === 64 ? 4 : 3
  let inputs = input[2]
  const stages = vggDepths[depth].flatMap((block, position) =>
    block.map((outputs, j): Stage => {
      const [convolution, norm] = [`block${position}.${3 * j}`, `block${position}.${3 * j + 1}`]
      const specification = [
        ...biasedConvolution(convolution, {inputs, outputs, size: 3}),
        ...batchNorm(norm, outputs),
      ]
      inputs = outputs
      const last = j === block.length - 1
      return {
        specification,
        run(pass, x) {
          const a = relu(pass.batchNorm(norm, pass.convolution(convolution, x)))
          return last && position < pooled ? maxPool(a) : a
        },
        endsGroup: last,
      }
    }),
  )
  return chain({
    name: `vgg-${depth}`,
    classes,
    input,
    stages,
    head: {
      specification: linear('classifier', {inputs: 512, outputs: classes}),
      layer: 'classifier',
      features: (_, h) => spatialMean(h),
    },
  })
}
