import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Variable} from '@tensorflow/tfjs-core'

/** Changes one fixed list of variables by their gradients. Its state is its own; the variables are their owner's. */
export interface Optimiser extends Disposable {
  /** One step. The gradients, in the order of the variables, stay the caller's. */
  step(gradients: readonly Tensor[], learningRate: number): void
  /** The two halves of a step. First it is counted, and what differs from step to step is made out: a few numbers. */
  next(learningRate: number): readonly number[]
  /** Then the variables are changed, by the gradients and those numbers alone: work that is steady. */
  change(gradients: readonly Tensor[], numbers: readonly Scalar[]): void
  /** Steps taken and running averages, each one vector over all variables: what a checkpoint keeps. */
  readonly state: {steps: number; readonly averages: readonly Variable[]}
}

/** Whole steps out of halves. */
export const inHalves = ({
  next,
  change,
}: Pick<Optimiser, 'next' | 'change'>): Pick<Optimiser, 'next' | 'change' | 'step'> => ({
  next,
  change,
  step(gradients, learningRate) {
    tf.tidy(() => change(gradients, scalars(next(learningRate))))
  },
})

/** What `next` gives, for `change`. */
export const scalars = (numbers: readonly number[]): Scalar[] => numbers.map((number) => tf.scalar(number))
