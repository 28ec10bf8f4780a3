import type {Tensor, Variable} from '@tensorflow/tfjs-core'

/** Changes one fixed list of variables by their gradients. Its state is its own; the variables are their owner's. */
export interface Optimiser extends Disposable {
  /** One step. The gradients, in the order of the variables, stay the caller's. */
  step(gradients: readonly Tensor[], learningRate: number): void
  /** Steps taken and running averages, each one vector over all variables: what a checkpoint keeps. */
  readonly state: {steps: number; readonly averages: readonly Variable[]}
}
