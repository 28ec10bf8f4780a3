import type {Context} from '../context.ts'
import type {Engine} from '../engine/engine.ts'
import type {LossValues} from '../train/distil.ts'
import {resumableRun} from '../train/resumable-run.ts'
import {insist} from './contract.ts'
import type {Clause} from './contract.ts'
import {startPair} from './start-pair.ts'
import type {DistillerSubject} from './start-pair.ts'
import {changed, weightsOf} from './tiny-model.ts'

/** How far captured steps may be from the same ones operation by operation: a graph may add up in another order. */
const within = {
  /** Relative, of losses. */
  firstLoss: 1e-5,
  loss: 1e-3,
  /** Of a number to its own size, or to 1 where it is smaller. */
  variable: 1e-3,
  /** Of how far the student's weights have moved, so that small steps prove something. */
  movement: 0.05,
  /** Of an optimiser's averages as a whole: a gradient jumps where a ReLU turns. */
  averages: 0.05,
}

/**
 * Losses are compared relative to their size, or to this where they are smaller: a divergence near 0 is a difference of
 * numbers of the order of 1, and has their last digits only.
 */
const SMALLEST_LOSS = 0.05

const STEPS = 20

/**
 * That the steps of a distiller are the same as one graph. Training makes much of rounding: generator and student
 * play against each other, Adam takes a whole step where a gradient is nearly 0. So twenty steps are compared at the
 * subject's gentle rates. On an engine that captures nothing, there is nothing to compare.
 */
export function capturedClauses(subject: DistillerSubject): readonly Clause[] {
  const gentle = {...subject, options: {...subject.options, ...subject.gentle}}
  const first: Clause = {
    name: 'captured as a graph, its first step is the one that it takes operation by operation',
    async check() {
      const [captured, eager] = [await firstSteps(gentle, 1, true), await firstSteps(gentle, 1, false)]
      insistOnLosses(captured, eager, 0, within.firstLoss)
    },
  }
  return subject.gentle === undefined ? [first] : [first, ...gentleClauses(gentle)]
}

const gentleClauses = (gentle: DistillerSubject): readonly Clause[] => [
  {
    name: 'captured as a graph, twenty steps lead where they lead operation by operation, losses and variables',
    async check() {
      const [captured, eager] = [
        await firstSteps(gentle, STEPS, true),
        await firstSteps(gentle, STEPS, false),
      ]
      insist(captured.notes.length === 0, captured.notes.join(' '))
      insist(eager.losses.length === STEPS, `The gentle options give ${eager.losses.length} steps.`)
      for (const step of eager.losses.keys()) insistOnLosses(captured, eager, step, within.loss)
      for (const [name, values] of eager.variables) {
        const other = captured.variables.get(name)!
        const isAverage = name.includes('/averages/')
        const apart = isAverage ? shareApart(values, other) : distance(values, other)
        const most = isAverage ? within.averages : within.variable
        insist(apart <= most, `After ${STEPS} steps ${name} is ${apart} apart.`)
      }
      const share = shareOfMovement(captured, eager)
      insist(share <= within.movement, `The student is ${share} of its way apart.`)
    },
  },
  {
    name: 'captured twice, it takes the same steps bit for bit',
    async check() {
      const [one, other] = [await firstSteps(gentle, 3, true), await firstSteps(gentle, 3, true)]
      insist(JSON.stringify(one.losses) === JSON.stringify(other.losses), 'The losses are not the same.')
      const names = changed(one.variables, other.variables)
      insist(names.length === 0, `${names.join(', ')} are not the same.`)
    },
  },
]

interface Taken {
  /** Why it could not be captured. */
  readonly notes: readonly string[]
  /** Step by step. */
  readonly losses: readonly LossValues[]
  /** Of the student, as it began. */
  readonly before: Variables
  /** All that lives on from step to step: of student, distiller and defence. */
  readonly variables: Variables
}

type Variables = ReadonlyMap<string, Float32Array>

async function firstSteps(subject: DistillerSubject, count: number, isCaptured: boolean): Promise<Taken> {
  const notes: string[] = []
  const note = (line: string) => void notes.push(line)
  const context = (seed: number): Context => {
    const own = subject.context(seed)
    const {engine} = own
    const capture: Engine['capture'] = isCaptured
      ? (options) => engine.capture({...options, times: MANY, note})
      : () => ({run: (step) => step(), [Symbol.dispose]() {}})
    return {...own, engine: {...engine, capture}}
  }
  using pair = startPair({...subject, context}, 1)
  const before = await weightsOf(pair.student.network)
  const losses: LossValues[] = []
  const stop = new Error('These are enough.')
  await pair
    .run({
      onLosses: (_, values) => void losses.push(values),
      keep(done) {
        if (done === count) throw stop
        return Promise.resolve()
      },
    })
    .catch((error: unknown) => {
      if (error !== stop) throw error
    })
  const kept = await resumableRun(pair).save()
  const variables = [...kept].map(
    ([name, {data}]) => [name, Float32Array.from<number | bigint>(data, Number)] as const,
  )
  return {notes, losses, before, variables: new Map(variables)}
}

/** Steps that are worth capturing. */
const MANY = 1000

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

/** How far two students are apart, over how far they came. */
function shareOfMovement(captured: Taken, eager: Taken): number {
  const way = ({variables}: Taken) =>
    [...eager.before].flatMap(([name, values]) =>
      // Running statistics move however small the rates are.
      name.includes('running_')
        ? []
        : Array.from(values, (value, i) => variables.get(`student/${name}`)![i]! - value),
    )
  return shareApart(way(eager), way(captured))
}
