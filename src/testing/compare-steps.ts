import type {LossValues} from '../train/distil.ts'
import {insist} from './contract.ts'
import {changed} from './tiny-model.ts'

/** How far captured steps may be from the same ones operation by operation: a graph may add up in another order. */
const within = {
  /** Relative, of losses. */
  firstLoss: 1e-5,
  loss: 1e-3,
  /** Of a number to its own size, or to 1 where it is smaller. */
  variable: 1e-3,
  /** Of how far the weights have moved, so that small steps prove something. */
  movement: 0.05,
  /** Of an optimiser's averages as a whole: a gradient jumps where a ReLU turns. */
  averages: 0.05,
}

/**
 * Losses are compared relative to their size, or to this where they are smaller: a divergence near 0 is a difference of
 * numbers of the order of 1, and has their last digits only.
 */
const SMALLEST_LOSS = 0.05

/** Steps that were taken, captured or not. */
export interface Taken {
  /** Why it could not be captured. */
  readonly notes: readonly string[]
  /** Step by step. */
  readonly losses: readonly LossValues[]
  /** Of the network that learns, as it began: weights and running statistics. */
  readonly before: Variables
  /** The same after the last step, each name behind `prefix`, and what else lives on from step to step. */
  readonly variables: Variables
  readonly prefix: string
}

export type Variables = ReadonlyMap<string, Float32Array>

/** The first step's losses are the same but for rounding. */
export function insistOnFirst(captured: Taken, eager: Taken): void {
  insistOnLosses(captured, eager, 0, within.firstLoss)
}

/** Losses of each of `steps` and all variables after them are the same but for rounding, and so is the way that the weights came. */
export function insistOnAll(captured: Taken, eager: Taken, steps: number): void {
  insist(captured.notes.length === 0, captured.notes.join(' '))
  insist(eager.losses.length === steps, `The options give ${eager.losses.length} steps, not ${steps}.`)
  insistOnFirst(captured, eager)
  for (const step of eager.losses.keys()) insistOnLosses(captured, eager, step, within.loss)
  for (const [name, values] of eager.variables) {
    const other = captured.variables.get(name)!
    const isAverage = name.includes('/averages/')
    const apart = isAverage ? shareApart(values, other) : distance(values, other)
    const most = isAverage ? within.averages : within.variable
    insist(apart <= most, `After ${steps} steps ${name} is ${apart} apart.`)
  }
  const share = shareOfMovement(captured, eager)
  insist(share <= within.movement, `The network is ${share} of its way apart.`)
}

/** Bit for bit. */
export function insistOnSame(one: Taken, other: Taken): void {
  insist(JSON.stringify(one.losses) === JSON.stringify(other.losses), 'The losses are not the same.')
  const names = changed(one.variables, other.variables)
  insist(names.length === 0, `${names.join(', ')} are not the same.`)
}

function insistOnLosses(captured: Taken, eager: Taken, step: number, most: number): void {
  for (const [name, value] of Object.entries(eager.losses[step]!)) {
    const other = captured.losses[step]![name]!
    const apart = Math.abs(other - value) / Math.max(Math.abs(value), SMALLEST_LOSS)
    insist(
      apart <= most,
      `After step ${step + 1} the loss ${name} is ${other}, not ${value}: ${apart} apart.`,
    )
  }
}

const distance = (values: Float32Array, others: Float32Array): number =>
  values.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - others[i]!) / Math.max(1, Math.abs(value))),
    0,
  )

/** The norm of the difference, over the first one's. */
function shareApart(values: ArrayLike<number>, others: ArrayLike<number>): number {
  let [apart, size] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    apart += (values[i]! - others[i]!) ** 2
    size += values[i]! ** 2
  }
  return apart === 0 ? 0 : Math.sqrt(apart / size)
}

/** How far two networks are apart, over how far they came. */
function shareOfMovement(captured: Taken, eager: Taken): number {
  const way = ({variables, prefix}: Taken) =>
    [...eager.before].flatMap(([name, values]) =>
      // Running statistics move however small the rates are.
      name.includes('running_')
        ? []
        : Array.from(values, (value, i) => variables.get(`${prefix}${name}`)![i]! - value),
    )
  return shareApart(way(eager), way(captured))
}
