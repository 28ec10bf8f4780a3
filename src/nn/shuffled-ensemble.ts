import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Random} from '../engine/random.ts'
import type {Parameters, Split} from './architecture.ts'
import {lastConvolutions} from './last-convolutions.ts'
import type {Network} from './model.ts'
import {shuffleInputChannels} from './shuffle-input-channels.ts'

/** Copies of a network whose last convolutions have their input channels permuted, each filter by its own permutation. */
export interface ShuffledEnsemble extends Disposable {
  /**
   * The mean of the copies' logits. `x`: [B, H, W, C], normalised; `own`: the network's logits on it, as its `forward` gave
   * them, so that the trunk needs no second pass, neither forwards nor backwards.
   */
  logits(x: Tensor4D, own?: Tensor2D): Tensor2D
  /** What comes before the first shuffled filter: the same for the copies and for the network itself. */
  trunk(x: Tensor4D, own?: Tensor2D): Tensor4D
  /** The mean of the copies' logits, from what the trunk gives. */
  tail(h: Tensor4D): Tensor2D
  /** The network's own logits, from what the trunk gives. */
  ownTail(h: Tensor4D): Tensor2D
}

export interface EnsembleOptions {
  readonly copies: number
  /** How many of the last convolutions (negative: of the first); 0 shuffles none. */
  readonly layers: number
}

/**
 * The shuffled ensemble T̃ of ABD (Hong et al., ICML 2023, section 4.1). The copies share every tensor but the shuffled
 * filters, and the trunk before the first of these is computed once for all of them, where the network can be cut. The
 * network must outlive the ensemble.
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
  const split: Omit<Split, 'tailParameters'> = architecture.cut?.(names) ?? {
    trunk: (_, x) => x,
    tail: (values, x) => architecture.forward(values, x, 'eval').logits,
  }
  const trunk = (x: Tensor4D, own?: Tensor2D) => split.trunk(parameters, x, own)
  // Where a network cannot be cut a tail is all of it: without a scope of its own every copy's activations would live at once.
  const tail = (h: Tensor4D): Tensor2D =>
    tf.div(tf.addN(shuffled.map((copy) => tf.tidy(() => split.tail(copy, h)))), copies)

  return {
    trunk,
    tail,
    ownTail: (h) => tf.tidy(() => split.tail(parameters, h)),
    logits: (x, own) => tail(trunk(x, own)),
    [Symbol.dispose]() {
      for (const copy of shuffled) for (const name of names) copy.get(name)?.dispose()
    },
  }
}
