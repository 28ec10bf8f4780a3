import * as tf from '@tensorflow/tfjs-core'
import {cosineSchedule} from '../math/schedule.ts'
import type {Schedule} from '../math/schedule.ts'
import type {Optimiser} from '../math/optimiser.ts'
import type {Stage} from '../method.ts'

/** How long a student is taught, and how fast it learns when. */
export interface StudentCourse {
  /** All there are, a stage's included. */
  readonly steps: number
  /** The learning rate of a step. */
  rate(index: number): number
  /** Of `Distiller`. */
  beginStage(stage: Stage): void
}

/** Of a run that has ended, the share that a stage takes as many steps as, where nobody says. */
const SHARE = 0.1

/**
 * A run's steps and learning rate, until a stage begins. A stage ends with an epoch of `epoch` steps, for each of which
 * its cosine has one rate, as in the reference implementation; its optimiser begins anew.
 */
export function studentCourse({
  optimiser,
  steps,
  rate,
  epoch = 1,
}: {
  readonly optimiser: Optimiser
  readonly steps: number
  /** By step. */
  readonly rate: Schedule
  /** Steps of an epoch. */
  readonly epoch?: number
}): StudentCourse {
  let end = steps
  let rateAt = rate
  return {
    get steps() {
      return end
    },
    rate: (index) => rateAt(index),
    beginStage({from, again = false, learningRate, steps: wanted, within}) {
      const begin = again ? from - 1 : from
      const planned = from < steps ? steps - from : Math.ceil(SHARE * steps)
      const first = Math.floor(begin / epoch)
      const last = Math.ceil((wanted === undefined ? from + planned : begin + wanted) / epoch)
      const cosine = cosineSchedule(learningRate, last - first)
      end = last * epoch
      rateAt = (index) => cosine(Math.floor(index / epoch) - first)
      if (within === 'goes on') return
      optimiser.state.steps = 0
      tf.tidy(() => {
        for (const average of optimiser.state.averages) average.assign(tf.zerosLike(average))
      })
    },
  }
}
