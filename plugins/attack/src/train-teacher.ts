import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {checkOutput, writeCard} from '@abd/core/audit'
import type {Dataset, Trigger} from '@abd/core/data'
import {architectureByName, createModel, createNetwork} from '@abd/core/nn'
import {ensureWritable} from '@abd/core/report'
import {parseSettings, resolveOptions, saveModel, trainClassifier, TrainingOptions} from '@abd/core/train'
import type {Epoch, TrainingData} from '@abd/core/train'
import {dirname, extname} from 'node:path'
import {chooseSigns} from './choose-signs.ts'
import {attackedTestSet, checkShare, poison} from './poison.ts'

export interface TeacherRequest {
  /** `signs`, or the path of a dataset. */
  readonly dataset: string
  /** Of signs: GTSRB's numbers, comma-separated, or `all`. */
  readonly classes?: string
  readonly perClass: number
  readonly architecture: string
  /** By name; none for a clean teacher. */
  readonly trigger?: string
  readonly target: number
  readonly ratio: number
  /** Of TrainingOptions, `name=value`. */
  readonly settings: readonly string[]
  readonly out: string
  /** A .pt beside a .safetensors. */
  readonly twin: boolean
}

export interface Trained {
  /** Weights and card. */
  readonly files: readonly string[]
  readonly architecture: string
  readonly trigger: string | null
  readonly target: number | null
  readonly poisonedImages: number
  readonly options: TrainingOptions
  readonly epochs: readonly Epoch[]
}

/**
 * What `abd attack train` does: a dataset, poisoned or not, a teacher trained on it, and its files. All that the user
 * said is checked before anything is trained, and nothing is written before all of it is.
 */
export async function trainTeacher(
  request: TeacherRequest,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Trained> {
  const {out, architecture: wanted, trigger: triggerName, target} = request
  const options = resolveOptions(TrainingOptions, parseSettings(request.settings), 'training')
  const twin = twinOf(request)
  await checkOutput(out)
  await ensureWritable(dirname(out))
  architectureByName(wanted, {classes: 2})
  checkShare('ratio', request.ratio)
  const signs = chooseSigns(request)
  const makeTrigger =
    triggerName === undefined ? undefined : registry.create('trigger', triggerName, {}, context)

  const dataset = await load(request, signs, {registry, context})
  const trigger = makeTrigger?.(dataset.train.images)
  const {data, poisonedImages} = attack(dataset, trigger, request, context)
  const {height, width, channels} = dataset.train.images
  const architecture = architectureByName(wanted, {
    classes: dataset.classes,
    input: [height, width, channels],
  })
  using model = createModel(
    createNetwork(architecture, context.random.fork('teacher')),
    dataset.normalisation,
  )

  const epochs: Epoch[] = []
  const training = {options, context: {...context, random: context.random.fork('training')}}
  for await (const epoch of trainClassifier(model, data, training)) {
    epochs.push(epoch)
    context.progress.note(describe(epoch, options.epochs))
  }

  const about = trigger ? `poisoned with ${trigger.name} towards class ${target}` : 'clean'
  const notes = `Trained by abd on ${dataset.name} (${dataset.train.images.count} images), ${about}, seed ${context.random.seed}.`
  const {sha256, ...card} = await saveModel(out, model, {notes})
  if (twin !== undefined) await saveModel(twin, model)
  const cardFile = await writeCard(out, {
    ...card,
    // One card stands beside both files of a pair, and they have not one hash.
    ...(twin === undefined ? {sha256} : {}),
    labels: [...dataset.classNames],
    notes,
  })
  return {
    files: [out, ...(twin === undefined ? [] : [twin]), cardFile],
    architecture: architecture.name,
    trigger: trigger?.name ?? null,
    target: trigger ? target : null,
    poisonedImages,
    options,
    epochs,
  }
}

function twinOf({out, twin}: TeacherRequest): string | undefined {
  if (!twin) return undefined
  const extension = extname(out)
  if (extension.toLowerCase() === '.safetensors') return `${out.slice(0, -extension.length)}.pt`
  throw usageError({
    code: 'E_MODEL_FORMAT',
    message: `--pt writes a twin of a .safetensors, and ${out} is none.`,
    hints: ['Leave --pt out: the file itself is PyTorch’s.'],
  })
}

async function load(
  {dataset, perClass}: TeacherRequest,
  signs: readonly number[] | undefined,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Dataset> {
  return signs
    ? registry.create('dataset', 'signs', {classes: signs, perClass}, context)()
    : registry.create('dataset', 'files', {path: dataset}, context)()
}

/** The training set with its poison, and what to measure on. */
function attack(
  {train, test}: Dataset,
  trigger: Trigger | undefined,
  {target, ratio}: TeacherRequest,
  {random}: Context,
): {data: TrainingData; poisonedImages: number} {
  if (!trigger) return {data: {train, test}, poisonedImages: 0}
  const {train: mixed, poisoned} = poison(train, {trigger, target, ratio}, random.fork('poison'))
  return {
    data: {train: mixed, test, attacked: {images: attackedTestSet(test, trigger, target), target}},
    poisonedImages: poisoned.length,
  }
}

function describe({epoch, loss, accuracy, asr}: Epoch, epochs: number): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  return `epoch ${epoch}/${epochs}: loss ${loss.toPrecision(3)}, accuracy ${percent(accuracy)}${asr === undefined ? '' : `, ASR ${percent(asr)}`}`
}
