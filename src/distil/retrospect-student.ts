import {loadTeacher} from '../audit/load-teacher.ts'
import type {Context} from '../context.ts'
import {createRandom} from '../engine/create-random.ts'
import {AbdError, usageError} from '../errors.ts'
import {architectureByName} from '../nn/architecture-by-name.ts'
import {createModel} from '../nn/create-model.ts'
import {createNetwork} from '../nn/create-network.ts'
import type {Registry} from '../registry.ts'
import {combineDefences} from '../train/combine-defences.ts'
import {resumableRun} from '../train/resumable-run.ts'
import {openCheckpoint} from './checkpoint.ts'
import {chosenAlready} from './choose-methods.ts'
import {describeQuirks} from './compat.ts'
import type {Compat} from './compat.ts'
import {configurationOf, identityOf} from './configuration.ts'
import type {Configuration} from './configuration.ts'
import {createRuler} from './create-ruler.ts'
import type {Measuring} from './create-ruler.ts'
import {newJournal, repeatsLast} from './journal.ts'
import {checkOutputs} from './output.ts'
import type {Output} from './output.ts'
import {overhearDefence} from './overhear-defence.ts'
import {teachStudent} from './teach-student.ts'
import type {Distilled} from './teach-student.ts'

export interface RetrospectRequest extends Output, Measuring {
  /** Path of the run's. */
  readonly checkpoint: string
  /** The teacher's file, where it is no longer where the run had it. */
  readonly teacher?: string
  /** See `Stage`. */
  readonly steps?: number
  readonly learningRate: number
  /** Which defence looks back, and with which options after a run of that method. */
  readonly defence: (method: string) => {readonly name: string; readonly options: Record<string, unknown>}
  /** With the quirks of the reference implementation, but for what the defence's options say. */
  readonly compat?: Compat
}

/**
 * What `abd defend retrospect` does: a stage after a run, in which the student looks back at itself. From the checkpoint
 * come the student, what the distiller synthesises with, the state of the run's defences and its seed; the student's
 * optimiser begins anew, with a learning rate and a cosine of its own. Throws E_CHECKPOINT for a checkpoint that none
 * can begin from, E_STAGE for one of a method that knows no such stage, and what `distilStudent` throws.
 */
export async function retrospectStudent(
  request: RetrospectRequest,
  {registry, context: ambient}: {registry: Registry; context: Context},
): Promise<Distilled> {
  const {checkpoint, out, learningRate, compat} = request
  if (!(learningRate > 0 && learningRate <= 1))
    throw usageError({
      code: 'E_LEARNING_RATE',
      message: `A learning rate lies between 0 and 1, and this is ${learningRate}.`,
      hints: ['Give one like --learning-rate 5e-4.'],
    })
  const {configuration: base, journal, saved} = await openCheckpoint(checkpoint)
  if (base.stage)
    throw usageError({
      code: 'E_CHECKPOINT',
      message: `${checkpoint} is of a retrospection itself.`,
      hints: ['Give the checkpoint of the run that it came after, and --resume to go on with it.'],
    })
  const path = request.teacher ?? base.teacher.path
  await checkOutputs(request, {teacher: path, checkpoint})
  const context = {...ambient, random: createRandom(base.seed)}
  const another = request.defence(base.method.name)
  const chosen = chosenAlready(base, {another, compat}, {registry, context})
  const rulerOf = createRuler(request, {registry, context})
  const {model: teacher, sha256, labels} = await teacherOf(base, path, context)
  using _ = teacher
  const {classes, input} = teacher.network.architecture
  const student = architectureByName(base.student, {classes, input})
  const ruler = await rulerOf(teacher, labels)
  using model = createModel(createNetwork(student, context.random.fork('student')), teacher.normalisation)
  const pair = {teacher, student: model}
  const overheard = chosen.defences.map(({name, create}) => overhearDefence(name, create(pair)))
  using defence = combineDefences(overheard.map((one) => one.defence))
  using distiller = chosen.method.create({...pair, defence})
  if (!distiller.beginStage)
    throw usageError({
      code: 'E_STAGE',
      message: `The method '${base.method.name}' knows no stage after its run.`,
      hints: ['Distil with --defence self_retrospection, which looks back on the last of the steps.'],
    })
  await resumableRun({student: model, distiller, defence}).restore(saved)
  const {steps} = request
  const again = repeatsLast(distiller, journal)
  distiller.beginStage({from: journal.done, again, learningRate, ...(steps === undefined ? {} : {steps})})
  const from = again ? journal.done - 1 : journal.done
  defence.beginStage?.(from)
  const configuration: Configuration = {
    ...configurationOf({
      teacher: {path, sha256, model: teacher},
      method: chosen.method,
      defences: chosen.defences,
      student: student.name,
      context,
      out,
    }),
    stage: {of: identityOf(base), from, steps: distiller.steps - from, learningRate},
  }
  if (compat) context.progress.note(describeQuirks(compat, configuration))
  const before = request.dryRun ? undefined : await ruler.measure(model)
  const begin = {...newJournal(), done: from, parts: journal.parts}
  return await teachStudent(
    {
      ...pair,
      configuration,
      distiller,
      metricNames: chosen.method.metricNames,
      defence,
      overheard,
      ruler,
      labels,
      journal: begin,
      ...(before ? {before} : {}),
    },
    request,
    context,
  )
}

async function teacherOf(
  {teacher: {sha256, architecture, mean, std}}: Configuration,
  path: string,
  context: Context,
) {
  const loaded = await loadTeacher(
    {path, architecture, mean: mean.join(','), std: std.join(',')},
    context,
  ).catch((error: unknown) => {
    if (error instanceof AbdError && error.code === 'E_FILE_MISSING')
      throw usageError({
        code: 'E_CHECKPOINT',
        message: `The teacher of that run is not at ${path}.`,
        hints: ['Say where it is: --teacher FILE.'],
        cause: error,
      })
    throw error
  })
  if (loaded.sha256 === sha256) return loaded
  loaded.model[Symbol.dispose]()
  throw usageError({
    code: 'E_CHECKPOINT',
    message: `${path} is not the teacher of that run: its sha256 is ${loaded.sha256}, that of the run's ${sha256}.`,
    hints: ['Say where the right one is: --teacher FILE.'],
  })
}
