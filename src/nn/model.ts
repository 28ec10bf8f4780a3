import type {Tensor2D, Tensor4D, Variable} from '@tensorflow/tfjs-core'
import type {Normalisation} from '../data/images.ts'
import type {Architecture, Layout} from './architecture.ts'

/** An architecture (or a generator) with weights: variables on the engine, owned by whoever made it. */
export interface Network<L extends Layout = Architecture> extends Disposable {
  readonly architecture: L
  readonly parameters: ReadonlyMap<string, Variable>
  /** Trainable ones in state-dict order: everything but running statistics. */
  readonly trainable: readonly Variable[]
}

/**
 * A network together with how it wants its input: what is audited, distilled and attacked. Disposing it disposes the
 * network too.
 */
export interface Model extends Disposable {
  readonly network: Network
  readonly normalisation: Normalisation
  /** Eval mode, on images in [0, 1]: [B, H, W, C] to [B, classes]. The caller tidies. */
  logits(x: Tensor4D): Tensor2D
}
