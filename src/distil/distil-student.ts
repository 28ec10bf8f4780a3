import {loadTeacher} from '../audit/load-teacher.ts'
import {combineDefences} from '../train/combine-defences.ts'
import {architectureByName} from '../nn/architecture-by-name.ts'
import {createModel} from '../nn/create-model.ts'
import {createNetwork} from '../nn/create-network.ts'
import type {Context} from '../context.ts'
import type {Registry} from '../registry.ts'
import {chooseMethods} from './choose-methods.ts'
import {describeQuirks} from './compat.ts'
import type {Compat} from './compat.ts'
import {configurationOf} from './configuration.ts'
import {createRuler} from './create-ruler.ts'
import type {Measuring} from './create-ruler.ts'
import {checkOutputs} from './output.ts'
import type {Output} from './output.ts'
import {overhearDefence} from './overhear-defence.ts'
import {newJournal} from './journal.ts'
import {partSettings} from './part-settings.ts'
import {teachStudent} from './teach-student.ts'
import type {Distilled} from './teach-student.ts'

export interface DistilRequest extends Output, Omit<Measuring, 'triggerSettings'> {
  /** Path of its file. */
  readonly teacher: string
  readonly architecture?: string
  readonly mean?: string
  readonly std?: string
  readonly method: string
  readonly student: string
  readonly defences: readonly string[]
  /** `name=value` of the method, `defence.name=value` of the defence that has it, `trigger.name=value` of the trigger. */
  readonly settings: readonly string[]
  /** With the quirks of the reference implementation, but for what `settings` say. */
  readonly compat?: Compat
}

/**
 * What `abd distill run` and `abd defend run` do: a teacher from its file, a student taught by a method from the registry, its figures and
 * its files. All that the user said is checked before the first step, and nothing but checkpoints is written before the
 * last.
 */
export async function distilStudent(
  request: DistilRequest,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Distilled> {
  await checkOutputs(request, {teacher: request.teacher})
  const {own: triggerSettings, others} = partSettings(request.settings, 'trigger.')
  const {method, defences} = chooseMethods({...request, settings: others}, {registry, context})
  const rulerOf = createRuler({...request, triggerSettings}, {registry, context})
  const {model: teacher, sha256, labels} = await loadTeacher({...request, path: request.teacher}, context)
  using _ = teacher
  const {classes, input} = teacher.network.architecture
  const student = architectureByName(request.student, {classes, input})
  const ruler = await rulerOf(teacher, labels)
  using model = createModel(createNetwork(student, context.random.fork('student')), teacher.normalisation)
  const pair = {teacher, student: model}
  const overheard = defences.map(({name, create}) => overhearDefence(name, create(pair)))
  using defence = combineDefences(overheard.map((one) => one.defence))
  using distiller = method.create({...pair, defence})
  const configuration = configurationOf({
    teacher: {path: request.teacher, sha256, model: teacher},
    method,
    defences,
    student: student.name,
    context,
    out: request.out,
  })
  if (request.compat) context.progress.note(describeQuirks(request.compat, configuration))
  // Awaited here: what is `using` ends with this function.
  return await teachStudent(
    {
      ...pair,
      configuration,
      distiller,
      metricNames: method.metricNames,
      defence,
      overheard,
      ruler,
      labels,
      journal: newJournal(),
    },
    request,
    context,
  )
}
