import {dirname} from 'node:path'
import {writeCard} from '../audit/card.ts'
import {checkInput} from '../audit/check-input.ts'
import {checkOutput} from '../audit/check-output.ts'
import {loadTeacher} from '../audit/load-teacher.ts'
import {parseTrigger} from '../audit/parse-options.ts'
import type {Context} from '../context.ts'
import {checkPngPath} from '../data/check-png-path.ts'
import {tileImages} from '../data/tile-images.ts'
import {writePng} from '../data/write-png.ts'
import {usageError} from '../errors.ts'
import {isSameFile} from '../is-same-file.ts'
import {architectureByName} from '../nn/architecture-by-name.ts'
import {createModel} from '../nn/create-model.ts'
import {createNetwork} from '../nn/create-network.ts'
import {optionNames} from '../option-names.ts'
import type {Registry} from '../registry.ts'
import {checkWritable, ensureWritable} from '../report/write-reports.ts'
import {combineDefences} from '../train/combine-defences.ts'
import {resumableRun} from '../train/resumable-run.ts'
import type {LossValues} from '../train/distil.ts'
import {distil} from '../train/distil.ts'
import {parseSettings} from '../train/parse-settings.ts'
import {saveModel} from '../train/save-model.ts'
import {checkpointKeeper, checkpointPath, readCheckpoint, removeCheckpoint} from './checkpoint.ts'
import {identityOf} from './configuration.ts'
import type {Configuration} from './configuration.ts'
import {createRuler} from './create-ruler.ts'
import type {Measured} from './create-ruler.ts'
import {newJournal} from './journal.ts'
import type {Journal} from './journal.ts'

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
  /** Goes on from the checkpoint beside `out`. */
  readonly resume: boolean
  /** Steps between one measurement of the student and the next, on its way. */
  readonly measureEvery?: number
  /** A PNG of images that the student was taught with. */
  readonly sheet?: string
  readonly dryRun: boolean
}

export interface Distilled {
  readonly configuration: Configuration
  /** See `identityOf`. */
  readonly identity: string
  /** Null after a dry run. */
  readonly measured: {
    readonly teacher: Measured
    readonly student: Measured
    readonly asrOn: 'data' | 'patches' | null
    readonly losses: LossValues
    /** What the defences had to say on the way. */
    readonly events: Journal['events']
    /** Every `measureEvery` steps. */
    readonly curve: Journal['curve']
  } | null
  /** Weights, card and sheet. */
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
  const {out, sheet} = request
  await checkOutput(out, [request.teacher])
  const checkpoint = checkpointPath(out)
  if (await isSameFile(checkpoint, request.teacher))
    throw usageError({
      code: 'E_OUT_IN_USE',
      message: `The checkpoint of ${out} would replace the teacher, ${request.teacher}.`,
      hints: ['Choose another name with --out.'],
    })
  const check = request.dryRun ? checkWritable : ensureWritable
  await check(dirname(out))
  if (sheet !== undefined) {
    checkPngPath('--sheet', sheet)
    await check(dirname(sheet))
  }
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
  using model = createModel(createNetwork(student, context.random.fork('student')), teacher.normalisation)
  const pair = {teacher, student: model}
  using defence = combineDefences(defences.map(({create}) => create(pair)))
  using distiller = method.create({...pair, defence})
  const state = resumableRun({student: model, distiller, defence})
  const identity = identityOf(configuration)
  const journal = request.resume ? await readCheckpoint(checkpoint, configuration, state) : newJournal()
  if (request.dryRun) return {configuration, identity, measured: null, files: []}

  const {progress, signal} = context
  const from = journal.done
  const against = defences.map(({name}) => name).join(' and ')
  const keep = checkpointKeeper(checkpoint, {configuration, journal}, {state, progress})
  await distil(distiller, {
    context,
    label: `Distilling a ${student.name}${against ? ` with ${against}` : ''}${from > 0 ? ` from step ${from} on` : ''}`,
    defence,
    from,
    ...(request.measureEvery === undefined ? {} : {every: request.measureEvery}),
    async onLosses(step, losses) {
      journal.losses = losses
      if (request.measureEvery === undefined || (step + 1) % request.measureEvery !== 0) return
      const point = {step: step + 1, losses, ...(await ruler.measure(model))}
      journal.curve.push(point)
      progress.note(describe(point))
    },
    ...(distiller.state && {
      async keep(done) {
        journal.done = done
        if ((await keep()) && signal.aborted)
          progress.note(
            `Kept as it was after step ${done} of ${distiller.steps}: the same command with --resume goes on from there.`,
          )
      },
    }),
    onEvent: (step, event) => journal.events.push({step, event}),
  })
  const measured = {
    teacher: await ruler.measure(teacher),
    student: await ruler.measure(model),
    asrOn: ruler.asrOn,
    losses: journal.losses,
    events: journal.events,
    curve: journal.curve,
  }
  const card = await saveModel(out, model, {configuration: JSON.stringify(configuration), identity})
  const notes = `Distilled by abd: ${method.name}, ${against ? `defended by ${against}` : 'no defence'}, seed ${configuration.seed}, teacher ${sha256}.${journal.events.map(({event}) => ` ${event}`).join('')}`
  const files = [out, await writeCard(out, {...card, ...(labels ? {labels: [...labels]} : {}), notes})]
  if (sheet !== undefined) {
    await writePng(sheet, tileImages(await distiller.sample(SHEET)))
    files.push(sheet)
  }
  await removeCheckpoint(checkpoint)
  return {configuration, identity, measured, files}
}

/** Images on a sheet. */
const SHEET = 64

function describe({step, losses, accuracy, asr}: Journal['curve'][number]): string {
  const percent = (name: string, share: number | null) =>
    share === null ? [] : [`${name} ${(100 * share).toFixed(1)} %`]
  const values = Object.entries(losses).map(([name, value]) => `${name} ${value.toPrecision(3)}`)
  return `step ${step}: ${[...values, ...percent('accuracy', accuracy), ...percent('ASR', asr)].join(', ')}`
}

/** From the registry, with the options that were set; each draws from a stream of its own. */
function chooseMethods({method, defences, settings}: DistilRequest, registry: Registry, context: Context) {
  const make = <K extends 'distiller' | 'defence'>(kind: K, name: string, texts: readonly string[]) => {
    const set = parseSettings(texts)
    return {
      name,
      create: registry.create(kind, name, set, {...context, random: context.random.fork(name)}),
      options: registry.get(kind, name).options.parse(set) as Configuration['method']['options'],
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
