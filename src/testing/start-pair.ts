import type {Context} from '../context.ts'
import type {Defence, Distiller, Method} from '../method.ts'
import type {Model} from '../nn/model.ts'
import {distil} from '../train/distil.ts'
import type {DistilOptions, LossValues} from '../train/distil.ts'
import {tinyModel} from './tiny-model.ts'

export interface DistillerSubject {
  // As in AbdPlugin: the options are the method's own business.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly method: Method<'distiller', any>
  /** Small ones, for images of 8 x 8 x 3 and three classes: three steps or more, seconds in all. */
  readonly options: Readonly<Record<string, unknown>>
  /** With the random numbers of this seed. */
  context(seed: number): Context
  /**
   * Options in which it takes twenty steps or more, so small that what is rounded otherwise stays small: it is then
   * compared with its own graph over twenty steps. Without them its first step alone is.
   */
  readonly gentle?: Readonly<Record<string, unknown>>
  /** A defence to compose with; none by default. */
  defence?(pair: {teacher: Model; student: Model}, context: Context): Defence
}

export interface Pair extends Disposable {
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

/** A tiny teacher, a tiny student, and the distiller between them. */
export function startPair(
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
