import * as tf from '@tensorflow/tfjs-core'
import type {Architecture} from './architecture.ts'
import {chain, type Stage} from './chain.ts'
import {maxPool} from './max-pool.ts'
import {relu} from './relu.ts'
import {biasedConvolution, linear} from './specification.ts'

export interface PlainConvolution {
  readonly layer: string
  readonly outputs: number
  /** Odd: of the square filter. */
  readonly size: number
  /** Whether zeros around the image keep its size. */
  readonly padded: boolean
  /** Whether the largest of every two by two follows. */
  readonly pooled: boolean
}

export interface PlainCnnOptions {
  readonly classes: number
  readonly input: readonly [number, number, number]
  readonly convolutions: readonly PlainConvolution[]
  /** Linear layers, each with its number of outputs; the last one's are the classes. */
  readonly linears: readonly {readonly layer: string; readonly outputs: number}[]
}

/** Height and width before the linear layers. */
export const flattenedSize = (
  [height, width]: readonly [number, number, number],
  convolutions: readonly Omit<PlainConvolution, 'layer' | 'outputs'>[],
): readonly [number, number] =>
  convolutions.reduce(
    ([h, w], {size, padded, pooled}) => {
      const [a, b] = padded ? [h, w] : [h - size + 1, w - size + 1]
      return pooled ? [Math.floor(a / 2), Math.floor(b / 2)] : [a, b]
    },
    [height, width] as readonly [number, number],
  )

/**
 * Convolutions with bias and linear layers, a ReLU after each but the last, as LeNets are: their names and shapes do not
 * say where ReLU and pooling are, so the usual places are taken (`inferPlainCnn`).
 */
export function plainCnn({classes, input, convolutions, linears}: PlainCnnOptions): Architecture {
  let inputs = input[2]
  const stages = convolutions.map(({layer, outputs, size, padded, pooled}): Stage => {
    const specification = biasedConvolution(layer, {inputs, outputs, size})
    inputs = outputs
    return {
      specification,
      run(pass, x) {
        const a = relu(pass.convolution(layer, x, 1, padded ? (size - 1) / 2 : 0))
        return pooled ? maxPool(a) : a
      },
      endsGroup: pooled,
    }
  })
  const [height, width] = flattenedSize(input, convolutions)
  const of = [inputs, height, width] as const
  const flat = inputs * height * width
  let features = flat
  const specification = linears.flatMap(({layer, outputs}, position) => {
    const made = linear(layer, {
      inputs: features,
      outputs,
      ...(position === 0 && {flattened: {axis: 1, of}}),
    })
    features = outputs
    return [...made]
  })
  return chain({
    name: 'plain-cnn',
    classes,
    input,
    stages,
    head: {
      specification,
      layer: linears.at(-1)!.layer,
      features: (pass, h) =>
        linears
          .slice(0, -1)
          .reduce((a, {layer}) => relu(pass.linear(layer, a)), tf.reshape<tf.Rank.R2>(h, [-1, flat])),
    },
  })
}
