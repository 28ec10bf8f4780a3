import type {Context} from '../context.ts'
import type {Engine} from '../engine/engine.ts'
import type {Defence, Distiller, Method} from '../method.ts'
import type {StateDict} from '../modelfile/state-dict.ts'
import type {Model} from '../nn/model.ts'
import {distil} from '../train/distil.ts'
import type {DistilOptions, LossValues} from '../train/distil.ts'
import {resumableRun} from '../train/resumable-run.ts'
import {insist} from './contract.ts'
import type {Clause} from './contract.ts'
import {changed, tinyModel, weightsOf} from './tiny-model.ts'

export interface DistillerSubject {
  // As in AbdPlugin: the options are the method's own business.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly method: Method<'distiller', any>
  /** Small ones, for images of 8 x 8 x 3 and three classes: three steps or more, seconds in all. */
  readonly options: Readonly<Record<string, unknown>>
  /** With the random numbers of this seed. */
  context(seed: number): Context
  /** Where a step solves problems within it that make much of rounding, it is not compared with its own graph. */
  readonly amplifiesRounding?: boolean
  /** A defence to compose with; none by default. */
  defence?(pair: {teacher: Model; student: Model}, context: Context): Defence
}

/** What the audit and the commands rely on, whatever the method of distillation. */
export function distillerContract(subject: DistillerSubject): readonly Clause[] {
  const {method} = subject
  return [
    {
      name: 'its options have defaults',
      async check() {
        insist(method.options.safeParse({}).success, 'options.parse({}) fails.')
      },
    },
    {
      name: 'the same seed gives the same student, another seed another',
      async check() {
        const student = async (seed: number) => {
          using pair = startPair(subject, seed)
          await pair.run()
          return weightsOf(pair.student.network)
        }
        const first = await student(1)
        insist(changed(first, await student(1)).length === 0, 'The same seed gave another student.')
        insist(changed(first, await student(2)).length > 0, 'Another seed gave the same student.')
      },
    },
    {
      name: 'it changes weights and running statistics of the student, and nothing of the teacher',
      async check() {
        using pair = startPair(subject, 1)
        const teacher = await weightsOf(pair.teacher.network)
        const student = await weightsOf(pair.student.network)
        await pair.run()
        const touched = changed(teacher, await weightsOf(pair.teacher.network))
        insist(touched.length === 0, `The teacher's ${touched.join(', ')} changed.`)
        const learnt = changed(student, await weightsOf(pair.student.network))
        const statistics = learnt.filter((name) => name.includes('running_'))
        insist(statistics.length > 0, "The student's running statistics did not change.")
        insist(learnt.length > statistics.length, "The student's weights did not change.")
      },
    },
    {
      name: 'its losses and the weights they lead to are finite',
      async check() {
        using pair = startPair(subject, 1)
        const losses = Object.entries(await pair.run())
        insist(losses.length > 0, 'There are no losses.')
        for (const [name, value] of losses) insist(Number.isFinite(value), `The loss ${name} is ${value}.`)
        for (const [name, values] of await weightsOf(pair.student.network))
          insist(values.every(Number.isFinite), `The student's ${name} is not finite.`)
      },
    },
    {
      name: 'steps leave no tensors behind once the first was taken',
      async check() {
        using pair = startPair(subject, 1)
        const counts: number[] = []
        await pair.run({afterStep: (losses) => counts.push(pair.tensors() - losses)})
        insist(counts.length >= 3, `Three steps are needed to tell; the options give ${counts.length}.`)
        insist(new Set(counts).size === 1, `Live tensors, step by step: ${counts.join(', ')}.`)
      },
    },
    {
      name: 'disposing of it gives back everything but teacher and student',
      async check() {
        using pair = startPair(subject, 1)
        await pair.run()
        pair.release()
        const left = pair.tensors() - pair.before
        insist(left === 0, `${left} tensors are left.`)
      },
    },
    {
      name: 'taken up again after any step, it goes on to the same student',
      async check() {
        using whole = startPair(subject, 1)
        if (!whole.distiller.state) return
        const kept: StateDict[] = []
        await whole.run({keep: async () => void kept.push(await resumableRun(whole).save())})
        const student = await weightsOf(whole.student.network)
        for (const [index, saved] of kept.slice(0, -1).entries()) {
          using resumed = startPair(subject, 1)
          await resumableRun(resumed).restore(saved)
          await resumed.run({from: index + 1})
          const other = changed(student, await weightsOf(resumed.student.network))
          insist(
            other.length === 0,
            `Left after step ${index + 1}, it ends with another ${other.join(', ')}.`,
          )
        }
      },
    },
    {
      name: 'captured as a graph, its first step is the one that it takes operation by operation',
      async check() {
        if (subject.amplifiesRounding) return
        const [captured, eager] = [await firstSteps(subject, 1, true), await firstSteps(subject, 1, false)]
        for (const [name, value] of Object.entries(eager.losses)) {
          const distance = Math.abs(captured.losses[name]! - value) / Math.max(Math.abs(value), 1e-6)
          // A graph may add up in another order: on networks this small 1e-5 has been seen.
          insist(distance <= 1e-4, `The loss ${name} is ${captured.losses[name]}, not ${value}.`)
        }
        for (const [name, values] of eager.student) {
          const other = captured.student.get(name)!
          const apart = values.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0)
          insist(apart <= 1e-3, `The student's ${name} is ${apart} apart.`)
        }
      },
    },
    {
      name: 'captured as a graph, a later step, of which no JavaScript need be run, follows the others',
      async check() {
        if (subject.amplifiesRounding) return
        const [captured, eager] = [await firstSteps(subject, 3, true), await firstSteps(subject, 3, false)]
        for (const [name, value] of Object.entries(eager.losses)) {
          const distance = Math.abs(captured.losses[name]! - value) / Math.max(Math.abs(value), 1e-3)
          // What was rounded otherwise in a step is learnt from in the next.
          insist(distance <= 5e-2, `The loss ${name} is ${captured.losses[name]}, not ${value}.`)
        }
      },
    },
    {
      name: 'it shows images that it taught with',
      async check() {
        using pair = startPair(subject, 1)
        await pair.run()
        // More than a batch: the verification of a defence wants many.
        const {count, height, width, channels, data} = await pair.distiller.sample(9)
        insist(
          count === 9 && data.length === count * height * width * channels,
          'The sample is not nine images.',
        )
        insist(
          data.some((value) => value !== data[0]),
          'The sample is of one colour.',
        )
      },
    },
  ]
}

/** What the first steps leave behind; on an engine that captures nothing, captured is as it is. */
async function firstSteps(
  subject: DistillerSubject,
  count: number,
  isCaptured: boolean,
): Promise<{readonly losses: LossValues; readonly student: ReadonlyMap<string, Float32Array>}> {
  const context = (seed: number): Context => {
    const own = subject.context(seed)
    const {engine} = own
    const capture: Engine['capture'] = isCaptured
      ? (options) => engine.capture({...options, times: MANY})
      : () => ({run: (step) => step(), [Symbol.dispose]() {}})
    return {...own, engine: {...engine, capture}}
  }
  using pair = startPair({...subject, context}, 1)
  const stop = new Error('These are enough.')
  let losses: LossValues = {}
  let student: ReadonlyMap<string, Float32Array> = new Map()
  const onLosses = (_: number, values: LossValues) => (losses = values)
  const keep = async (done: number) => {
    if (done < count) return
    student = await weightsOf(pair.student.network)
    throw stop
  }
  await pair.run({onLosses, keep}).catch((error: unknown) => {
    if (error !== stop) throw error
  })
  return {losses, student}
}

/** Steps that are worth capturing. */
const MANY = 1000

interface Pair extends Disposable {
  readonly teacher: Model
  readonly student: Model
  readonly distiller: Distiller
  readonly defence: Defence
  /** Live tensors when there were teacher and student only. */
  readonly before: number
  tensors(): number
  /** `afterStep` hears how many losses are alive then. */
  run(
    options?: Pick<DistilOptions, 'from' | 'keep' | 'onLosses'> & {afterStep?(losses: number): void},
  ): Promise<LossValues>
  /** Disposes of distiller and defence. */
  release(): void
}

function startPair(
  {method, options, context: contextOf, defence: defenceOf}: DistillerSubject,
  seed: number,
): Pair {
  const context = contextOf(seed)
  const tensors = () => context.engine.memory().tensors
  const teacher = tinyModel(context.random.fork('teacher'))
  const student = tinyModel(context.random.fork('student'))
  const before = tensors()
  const defence = defenceOf?.({teacher, student}, context) ?? {}
  const distiller = method.create(method.options.parse(options), context)({teacher, student, defence})
  let released = false
  const release = () => {
    if (released) return
    released = true
    distiller[Symbol.dispose]()
    defence[Symbol.dispose]?.()
  }
  return {
    teacher,
    student,
    distiller,
    defence,
    before,
    tensors,
    run: ({afterStep, onLosses, ...options} = {}) =>
      distil(distiller, {
        context,
        label: method.name,
        every: 1,
        ...options,
        onLosses(step, losses) {
          afterStep?.(Object.keys(losses).length)
          return onLosses?.(step, losses)
        },
      }),
    release,
    [Symbol.dispose]() {
      release()
      teacher[Symbol.dispose]()
      student[Symbol.dispose]()
    },
  }
}
