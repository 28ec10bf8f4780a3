import type {Optimiser} from '@abd/core/math'
import {resumableOptimiser} from '@abd/core/train'
import type {Resumable} from '@abd/core/train'

/** An optimiser that starts anew every epoch, without averages. */
export interface RenewedOptimiser extends Disposable {
  renew(): void
  step: Optimiser['step']
  readonly state: Resumable
}

export function renewedOptimiser(make: () => Optimiser): RenewedOptimiser {
  let optimiser = make()
  return {
    renew() {
      optimiser[Symbol.dispose]()
      optimiser = make()
    },
    step: (gradients, learningRate) => {
      optimiser.step(gradients, learningRate)
    },
    state: {
      save: () => resumableOptimiser(optimiser).save(),
      restore: (saved) => resumableOptimiser(optimiser).restore(saved),
    },
    [Symbol.dispose]: () => {
      optimiser[Symbol.dispose]()
    },
  }
}
