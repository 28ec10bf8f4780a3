import type {Optimiser} from '@abd/core/math'
import {resumableOptimiser} from '@abd/core/train'
import type {Resumable} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'

/** An optimiser that starts anew every epoch, without averages. */
export interface RenewedOptimiser extends Disposable, Pick<Optimiser, 'next' | 'change'> {
  renew(): void
  readonly state: Resumable
}

export function renewedOptimiser(optimiser: Optimiser): RenewedOptimiser {
  return {
    renew() {
      optimiser.state.steps = 0
      tf.tidy(() => {
        for (const average of optimiser.state.averages) average.assign(tf.zerosLike(average))
      })
    },
    next: (learningRate) => optimiser.next(learningRate),
    change: (gradients, numbers) => {
      optimiser.change(gradients, numbers)
    },
    state: resumableOptimiser(optimiser),
    [Symbol.dispose]: () => {
      optimiser[Symbol.dispose]()
    },
  }
}
