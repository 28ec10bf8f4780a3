import type {Schedule} from '../math/schedule.ts'
import {cosineSchedule} from '../math/schedule.ts'
import {oneCycleSchedule} from './one-cycle-schedule.ts'

interface Rates {
  /** `one-cycle`, `cosine`: step by step; `epoch-cosine`: the same rate for a whole epoch, as the reference does. */
  readonly schedule: 'one-cycle' | 'cosine' | 'epoch-cosine'
  /** The highest. */
  readonly learningRate: number
  readonly epochs: number
}

/** The learning rate of each step of a training with so many steps an epoch. */
export function learningRates({schedule, learningRate, epochs}: Rates, perEpoch: number): Schedule {
  if (schedule === 'one-cycle') return oneCycleSchedule(learningRate, epochs * perEpoch)
  if (schedule === 'cosine') return cosineSchedule(learningRate, epochs * perEpoch)
  const rate = cosineSchedule(learningRate, epochs)
  return (step) => rate(Math.floor(step / perEpoch))
}
