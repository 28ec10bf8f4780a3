import type {Context} from '../context.ts'
import type {LossValues} from '../train/distil.ts'
import {resumableRun} from '../train/resumable-run.ts'
import {insistOnAll, insistOnFirst, insistOnSame} from './compare-steps.ts'
import type {Taken} from './compare-steps.ts'
import type {Clause} from './contract.ts'
import {engineThat} from './engine-that.ts'
import {startPair} from './start-pair.ts'
import type {DistillerSubject} from './start-pair.ts'
import {weightsOf} from './tiny-model.ts'

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
      insistOnFirst(captured, eager)
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
      insistOnAll(captured, eager, STEPS)
    },
  },
  {
    name: 'captured twice, it takes the same steps bit for bit',
    async check() {
      const [one, other] = [await firstSteps(gentle, 3, true), await firstSteps(gentle, 3, true)]
      insistOnSame(one, other)
    },
  },
]

async function firstSteps(subject: DistillerSubject, count: number, isCaptured: boolean): Promise<Taken> {
  const notes: string[] = []
  const note = (line: string) => void notes.push(line)
  const context = (seed: number): Context => {
    const own = subject.context(seed)
    return {...own, engine: engineThat(own.engine, {captures: isCaptured, note})}
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
  return {notes, losses, before, variables: new Map(variables), prefix: 'student/'}
}
