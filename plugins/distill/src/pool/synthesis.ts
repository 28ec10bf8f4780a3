import type {Resumable} from '@abd/core/train'
import type {Scalar, Tensor4D} from '@tensorflow/tfjs-core'

/** One epoch's images in the making. */
export interface Synthesis extends Disposable {
  /** Starts an epoch: everything is drawn afresh but what is remembered of the epochs before. */
  begin(epoch: number): void
  /** One step; gives the loss. The caller tidies. */
  step(epoch: number, index: number): Scalar
  /** Images in [0, 1] as they are now. The caller disposes of them. */
  draw(): Tensor4D
  /** Lets go of what it remembers of images: of all, or but for those it finished last. */
  forget?(all: boolean): void
  /** The best images of the epoch, in [0, 1]. The caller disposes of them. */
  finish(): Tensor4D
  readonly state: Resumable
}
