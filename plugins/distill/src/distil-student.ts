import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {checkInput, checkOutput, loadTeacher, parseTrigger, writeCard} from '@abd/core/audit'
import {architectureByName, createModel, createNetwork} from '@abd/core/nn'
import {ensureWritable} from '@abd/core/report'
import {distil, parseSettings, saveModel} from '@abd/core/train'
import type {LossValues} from '@abd/core/train'
import {dirname} from 'node:path'
import {createRuler} from './measure.ts'
import type {Measured} from './measure.ts'

export interface DistilRequest {
  /** Path of its file. */
  readonly teacher: string
  readonly architecture?: string
  readonly mean?: string
  readonly std?: string
  readonly method: string
  readonly student: string
  readonly defence?: string
  /** `name=value` of the method, `defence.name=value` of the defence. */
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
  readonly defence: {readonly name: string; readonly options: Options} | null
  readonly student: string
  readonly seed: string
  readonly engine: string
  readonly out: string
}

export interface Distilled {
  readonly configuration: Configuration
  /** Null after a dry run. */
  readonly measured: {
    readonly teacher: Measured
    readonly student: Measured
    readonly asrOn: 'data' | 'patches' | null
    readonly losses: LossValues
  } | null
  /** Weights and card. */
  readonly files: readonly string[]
}

/**
 * What `abd distill run` does: a teacher from its file, a student taught by a method from the registry, its figures and
 * its files. All that the user said is checked before the first step, and nothing is written before the last.
 */
export async function distilStudent(
  request: DistilRequest,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Distilled> {
  const {out} = request
  await checkOutput(out, [request.teacher])
  await ensureWritable(dirname(out))
  const {method, defence} = chooseMethods(request, registry, context)
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
    defence: defence ? {name: defence.name, options: defence.options} : null,
    student: student.name,
    seed: context.random.seed,
    engine: context.engine.name,
    out,
  }
  if (request.dryRun) return {configuration, measured: null, files: []}

  const network = createNetwork(student, context.random.fork('student'))
  using model = createModel(network, teacher.normalisation)
  const pair = {teacher, student: model}
  const armed = defence?.create(pair) ?? {}
  const distiller = method.create({...pair, defence: armed})
  try {
    const label = `Distilling a ${student.name}${defence ? ` with ${defence.name}` : ''}`
    const losses = await distil(distiller, {context, label})
    const measured = {
      teacher: await ruler.measure(teacher),
      student: await ruler.measure(model),
      asrOn: ruler.asrOn,
      losses,
    }
    const card = await saveModel(out, model, {configuration: JSON.stringify(configuration)})
    const notes = `Distilled by abd: ${method.name}, ${defence ? `defended by ${defence.name}` : 'no defence'}, seed ${configuration.seed}, teacher ${sha256}.`
    return {
      configuration,
      measured,
      files: [out, await writeCard(out, {...card, ...(labels ? {labels: [...labels]} : {}), notes})],
    }
  } finally {
    distiller[Symbol.dispose]()
    armed[Symbol.dispose]?.()
  }
}

/** From the registry, with the options that were set; each draws from a stream of its own. */
function chooseMethods({method, defence, settings}: DistilRequest, registry: Registry, context: Context) {
  const ofDefence = settings
    .filter((text) => text.startsWith('defence.'))
    .map((text) => text.slice('defence.'.length))
  const ofMethod = settings.filter((text) => !text.startsWith('defence.'))
  const make = <K extends 'distiller' | 'defence'>(kind: K, name: string, texts: readonly string[]) => {
    const found = registry.get(kind, name)
    const set = parseSettings(texts)
    return {
      name: found.name,
      create: registry.create(kind, found.name, set, {...context, random: context.random.fork(found.name)}),
      options: found.options.parse(set) as Options,
    }
  }
  if (defence === undefined && ofDefence.length > 0)
    throw usageError({
      code: 'E_SETTING',
      message: `--set defence.${ofDefence[0]} is for a defence, and there is none.`,
      hints: ['Name one, as in --defence shuffling_vaccine.'],
    })
  return {
    method: make('distiller', method, ofMethod),
    defence: defence === undefined ? undefined : make('defence', defence, ofDefence),
  }
}
