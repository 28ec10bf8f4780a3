import type {Random} from '@abd/core/engine'
import type {Network, Parameters} from '@abd/core/nn'
import {lastConvolutions, shuffleInputChannels} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'

/** Copies of a network whose last convolutions have their input channels permuted, each filter by its own permutation. */
export interface ShuffledEnsemble extends Disposable {
  /** The mean of the copies' logits. `x`: [B, H, W, C], normalised. */
  logits(x: Tensor4D): Tensor2D
}

export interface EnsembleOptions {
  readonly copies: number
  /** How many of the last convolutions (negative: of the first); 0 shuffles none. */
  readonly layers: number
}

/**
 * The shuffled ensemble T̃ of ABD. The copies share every tensor but the shuffled filters, and the trunk before the first
 * of these is computed once for all of them, where the network can be cut. The network must outlive the ensemble.
 */
export function createShuffledEnsemble(
  {architecture, parameters}: Network,
  {copies, layers}: EnsembleOptions,
  random: Random,
): ShuffledEnsemble {
  const names = lastConvolutions(architecture, layers)
  const shuffled: Parameters[] = Array.from({length: copies}, (_, copy) => {
    const draw = random.fork(copy)
    const permutations = new Map(
      names.map((name) => [name, draw.fork(name).permutation(parameters.get(name)!.shape[2]!)]), // [h,w,in,out]
    )
    return shuffleInputChannels(parameters, permutations)
  })
  const split = architecture.cut?.(names)

  return {
    logits(x) {
      if (!split) return mean(shuffled.map((copy) => architecture.forward(copy, x, 'eval').logits))
      const h = split.trunk(parameters, x)
      return mean(shuffled.map((copy) => split.tail(copy, h)))
    },
    [Symbol.dispose]() {
      for (const copy of shuffled) for (const name of names) copy.get(name)?.dispose()
    },
  }
}

const mean = (logits: readonly Tensor2D[]): Tensor2D => tf.div(tf.addN([...logits]), logits.length)
