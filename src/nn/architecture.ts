import type {Tensor, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'

/**
 * A flat, named parameter map: PyTorch's names, TensorFlow's layouts (convolutions [h, w, in, out], linear layers
 * [in, out]); everything else as PyTorch has it. Running statistics are in it too.
 */
export type Parameters = ReadonlyMap<string, Tensor>

export type ParameterRole =
  'convolution' | 'linear' | 'bias' | 'bn-weight' | 'bn-bias' | 'running-mean' | 'running-variance'

/** How a fresh parameter is drawn: the same number everywhere, N(0, normal²) or U(-uniform, uniform). */
export type Initial = {readonly constant: number} | {readonly normal: number} | {readonly uniform: number}

export interface ParameterSpec {
  readonly role: ParameterRole
  /** As PyTorch has it: convolutions [out, in / groups, h, w], linear layers [out, in]. */
  readonly shape: readonly number[]
  readonly initial: Initial
  /**
   * Where a linear layer meets images: the axis of `shape` that PyTorch flattens from [C, H, W] (`of`). Here it is
   * flattened from [H, W, C].
   */
  readonly flattened?: {readonly axis: 0 | 1; readonly of: readonly [number, number, number]}
}

/** What has named parameters: classifiers and generators. */
export interface Layout {
  readonly name: string
  /** In state-dict order, without num_batches_tracked. */
  readonly parameters: ReadonlyMap<string, ParameterSpec>
}

/**
 * - `eval`: BatchNorm by its running statistics.
 * - `train`: by the batch's, and `Forward.moments` holds each layer's new running statistics; whoever takes the step
 *   assigns them (`applyMoments`), so that a forward pass itself changes nothing.
 */
export type Mode = 'eval' | 'train'

export interface Forward {
  readonly logits: Tensor2D // [B, classes]
  /** What attention transfer compares: the outputs of the groups, before the next BatchNorm. */
  readonly activations: readonly Tensor4D[]
  /** The last layer's input. */
  readonly features: Tensor2D // [B, F]
  /** `train` only: parameter name to its updated running statistic. */
  readonly moments: ReadonlyMap<string, Tensor>
}

/** Shown the input of every BatchNorm on the way, [B, H, W, C], with the layer's name. */
export type Observer = (layer: string, x: Tensor4D) => void

/** A network cut in two: the tail takes what the trunk gives. For networks that share a trunk (Shuffling Vaccine). */
export interface Split {
  /** Names of the parameters that only the tail reads. */
  readonly tailParameters: ReadonlySet<string>
  /**
   * `logits` may be those that `forward` gave in eval mode, for these parameters and this x, the same tensors: what it
   * computed on the way is taken from there then, where it is still alive and a gradient finds its way back through it.
   */
  trunk(parameters: Parameters, x: Tensor4D, logits?: Tensor2D): Tensor4D
  tail(parameters: Parameters, h: Tensor4D): Tensor2D
}

/** An architecture is data and a pure forward function. */
export interface Architecture extends Layout {
  /** `wrn-16-1`, `resnet-20`, `i-bau-vgg`, … */
  readonly name: string
  readonly classes: number
  /** Height, width, channels. */
  readonly input: readonly [number, number, number]
  /** The name of the last linear layer's weight. */
  readonly head: string
  /** `x`: [B, H, W, C], normalised. */
  forward(parameters: Parameters, x: Tensor4D, mode: Mode, observe?: Observer): Forward
  /** Eval mode. Cuts before the last group, so that the tail holds the last five convolutions of a WRN-16. */
  readonly split?: Split
  /** Eval mode. The latest cut whose tail still holds all these parameters; the shortest tail that can be. */
  cut?(names: Iterable<string>): Split
}
