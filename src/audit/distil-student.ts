import type {Context} from '../context.ts'
import type {Images} from '../data/images.ts'
import type {Registry} from '../registry.ts'
import {architectureByName} from '../nn/architecture-by-name.ts'
import {createModel} from '../nn/create-model.ts'
import {createNetwork} from '../nn/create-network.ts'
import type {Model} from '../nn/model.ts'
import {combineDefences} from '../train/combine-defences.ts'
import {distil} from '../train/distil.ts'
import type {LossValues} from '../train/distil.ts'
import type {PlannedMethod, TransferPlan} from './plan.ts'

export interface StudentOptions {
  readonly plan: TransferPlan
  /** null: vanilla. */
  readonly defence: PlannedMethod | null
  readonly label: string
  readonly registry: Registry
  /** Its random numbers decide the student's first weights and the images it sees. */
  readonly context: Context
  readonly onLosses?: (step: number, losses: LossValues) => void
  /** How many of the images that it was taught with are to be kept. */
  readonly samples?: number
}

/** A student distilled from a teacher without its data; it is the caller's. */
export async function distilStudent(
  teacher: Model,
  {plan, defence: planned, label, registry, context, onLosses, samples = 0}: StudentOptions,
): Promise<{readonly student: Model; readonly samples: Images | null}> {
  const {architecture} = teacher.network
  const student = createModel(
    createNetwork(
      architectureByName(plan.student, {classes: architecture.classes, input: architecture.input}),
      context.random.fork('student'),
    ),
    teacher.normalisation,
  )
  try {
    using defence = combineDefences(
      planned === null
        ? []
        : [
            registry.create(
              'defence',
              planned.name,
              planned.options,
              forked(context, planned.name),
            )({teacher, student}),
          ],
    )
    using distiller = registry.create(
      'distiller',
      plan.distiller,
      plan.options,
      forked(context, plan.distiller),
    )({teacher, student, defence})
    await distil(distiller, {context, defence, label, ...(onLosses ? {onLosses} : {})})
    return {student, samples: samples > 0 ? await distiller.sample(samples) : null}
  } catch (error) {
    student[Symbol.dispose]()
    throw error
  }
}

const forked = (context: Context, name: string): Context => ({...context, random: context.random.fork(name)})
