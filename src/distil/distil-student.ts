import {dirname} from 'node:path'
import {writeCard} from '../audit/card.ts'
import {checkInput} from '../audit/check-input.ts'
import {checkOutput} from '../audit/check-output.ts'
import {loadTeacher} from '../audit/load-teacher.ts'
import {parseTrigger} from '../audit/parse-options.ts'
import type {Context} from '../context.ts'
import {usageError} from '../errors.ts'
import {architectureByName} from '../nn/architecture-by-name.ts'
import {createModel} from '../nn/create-model.ts'
import {createNetwork} from '../nn/create-network.ts'
import {optionNames} from '../option-names.ts'
import type {Registry} from '../registry.ts'
import {checkWritable, ensureWritable} from '../report/write-reports.ts'
import {combineDefences} from '../train/combine-defences.ts'
import type {LossValues} from '../train/distil.ts'
import {distil} from '../train/distil.ts'
import {parseSettings} from '../train/parse-settings.ts'
import {saveModel} from '../train/save-model.ts'
import {createRuler} from './create-ruler.ts'
import type {Measured} from './create-ruler.ts'

export interface DistilRequest {
  /** Path of its file. */
  readonly teacher: string
  readonly architecture?: string
  readonly mean?: string
  readonly std?: string
  readonly method: string
  readonly student: string
  readonly defences: readonly string[]
  /** `name=value` of the method, `defence.name=value` of the defence that has such an option. */
  readonly settings: readonly string[]
  readonly data?: string
  readonly trigger?: string
  readonly out: string
  readonly dryRun: boolean
}

type Options = Readonly<Record<string, unknown>>

/** All that decides what the student becomes. */
export interface Configuration {
  readonly teacher: {readonly path: string; readonly sha256: string; readonly architecture: string}
  readonly method: {readonly name: string; readonly options: Options}
  readonly defences: readonly {readonly name: string; readonly options: Options}[]
  readonly student: string
  readonly seed: string
  readonly engine: string
  readonly out: string
}

export interface Event {
  /** Before which of the distiller's steps, from 0. */
  readonly step: number
  readonly event: string
}

export interface Distilled {
  readonly configuration: Configuration
  /** Null after a dry run. */
  readonly measured: {
    readonly teacher: Measured
    readonly student: Measured
    readonly asrOn: 'data' | 'patches' | null
    readonly losses: LossValues
    /** What the defences had to say on the way. */
    readonly events: readonly Event[]
  } | null
  /** Weights and card. */
  readonly files: readonly string[]
}

/**
 * What `abd distill run` and `abd defend run` do: a teacher from its file, a student taught by a method from the registry, its figures and
 * its files. All that the user said is checked before the first step, and nothing is written before the last.
 */
export async function distilStudent(
  request: DistilRequest,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Distilled> {
  const {out} = request
  await checkOutput(out, [request.teacher])
  await (request.dryRun ? checkWritable : ensureWritable)(dirname(out))
  const {method, defences} = chooseMethods(request, registry, context)
  const {data} = request
  if (data !== undefined && data !== 'signs') checkInput('--data', data)
  const trigger = request.trigger === undefined ? undefined : parseTrigger(request.trigger, registry, context)
  const {model: teacher, sha256, labels} = await loadTeacher({...request, path: request.teacher}, context)
  using _ = teacher
  const {architecture} = teacher.network
  const student = architectureByName(request.student, {
    classes: architecture.classes,
    input: architecture.input,
  })
  const ruler = await createRuler(
    {...(data === undefined ? {} : {data}), ...(trigger ? {trigger} : {})},
    teacher,
    {registry, context},
  )
  const configuration: Configuration = {
    teacher: {path: request.teacher, sha256, architecture: architecture.name},
    method: {name: method.name, options: method.options},
    defences: defences.map(({name, options}) => ({name, options})),
    student: student.name,
    seed: context.random.seed,
    engine: context.engine.name,
    out,
  }
  const network = createNetwork(student, context.random.fork('student'))
  using model = createModel(network, teacher.normalisation)
  const pair = {teacher, student: model}
  using defence = combineDefences(defences.map(({create}) => create(pair)))
  using distiller = method.create({...pair, defence})
  if (request.dryRun) return {configuration, measured: null, files: []}

  const against = defences.map(({name}) => name).join(' and ')
  const label = `Distilling a ${student.name}${against ? ` with ${against}` : ''}`
  const events: Event[] = []
  const losses = await distil(distiller, {
    context,
    label,
    defence,
    onEvent: (step, event) => events.push({step, event}),
  })
  const measured = {
    teacher: await ruler.measure(teacher),
    student: await ruler.measure(model),
    asrOn: ruler.asrOn,
    losses,
    events,
  }
  const card = await saveModel(out, model, {configuration: JSON.stringify(configuration)})
  const notes = `Distilled by abd: ${method.name}, ${against ? `defended by ${against}` : 'no defence'}, seed ${configuration.seed}, teacher ${sha256}.${events.map(({event}) => ` ${event}`).join('')}`
  return {
    configuration,
    measured,
    files: [out, await writeCard(out, {...card, ...(labels ? {labels: [...labels]} : {}), notes})],
  }
}

/** From the registry, with the options that were set; each draws from a stream of its own. */
function chooseMethods({method, defences, settings}: DistilRequest, registry: Registry, context: Context) {
  const make = <K extends 'distiller' | 'defence'>(kind: K, name: string, texts: readonly string[]) => {
    const set = parseSettings(texts)
    return {
      name,
      create: registry.create(kind, name, set, {...context, random: context.random.fork(name)}),
      options: registry.get(kind, name).options.parse(set) as Options,
    }
  }
  const names = defences.map((name) => registry.get('defence', name).name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw usageError({
      code: 'E_DEFENCES',
      message: `The defence '${twice}' is named twice.`,
      hints: ['Once is enough.'],
    })
  const ofDefences = settings
    .filter((text) => text.startsWith(PREFIX))
    .map((text) => text.slice(PREFIX.length))
  const owners = ofDefences.map((text) => ownerOf(text, names, registry))
  return {
    method: make(
      'distiller',
      registry.get('distiller', method).name,
      settings.filter((text) => !text.startsWith(PREFIX)),
    ),
    defences: names.map((name) =>
      make(
        'defence',
        name,
        ofDefences.filter((_, i) => owners[i] === name),
      ),
    ),
  }
}

const PREFIX = 'defence.'

/** The one of the chosen defences that has the option which `name=value` sets. Throws E_SETTING. */
function ownerOf(text: string, names: readonly string[], registry: Registry): string {
  const [option] = text.split('=', 1) as [string]
  const optionsOf = (name: string) => optionNames(registry.get('defence', name))
  const owners = names.filter((name) => optionsOf(name).includes(option))
  if (owners.length === 1) return owners[0]!
  const [message, hint] =
    names.length === 0
      ? ['is for a defence, and there is none', 'Name one, as in --defence shuffling_vaccine.']
      : owners.length > 1
        ? [`could be meant for ${owners.join(' or ')}`, 'Take one of them at a time.']
        : [`is no option of ${names.join(' or ')}`, `There are: ${names.flatMap(optionsOf).join(', ')}.`]
  throw usageError({code: 'E_SETTING', message: `--set ${PREFIX}${text} ${message}.`, hints: [hint]})
}
