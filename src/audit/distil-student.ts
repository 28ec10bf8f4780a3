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
  /** Under this name the losses are recorded: `transfer/NAME/LOSS`. */
  readonly recordAs?: string
  /** How many of the images that it was taught with are to be kept. */
  readonly samples?: number
}

/** A student distilled from a teacher without its data; it is the caller's. */
export async function distilStudent(
  teacher: Model,
  {plan, defence: planned, label, registry, context, recordAs, samples = 0}: StudentOptions,
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
    const onLosses = (step: number, losses: LossValues) =>
      context.recorder?.metrics(
        Object.fromEntries(
          Object.entries(losses).map(([loss, value]) => [`transfer/${recordAs}/${loss}`, value]),
        ),
        step + 1,
      )
    await distil(distiller, {context, defence, label, ...(recordAs === undefined ? {} : {onLosses})})
    return {student, samples: samples > 0 ? await distiller.sample(samples) : null}
  } catch (error) {
    student[Symbol.dispose]()
    throw error
  }
}

const forked = (context: Context, name: string): Context => ({...context, random: context.random.fork(name)})
