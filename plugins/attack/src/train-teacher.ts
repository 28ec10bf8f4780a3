import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {checkOutput, writeCard} from '@abd/core/audit'
import type {LabelledImages} from '@abd/core/data'
import {concatImages} from '@abd/core/data'
import type {Engine} from '@abd/core/engine'
import {architectureByName, createModel, createNetwork} from '@abd/core/nn'
import {ensureWritable} from '@abd/core/report'
import {parseSettings, resolveOptions, saveModel, trainClassifier, TrainingOptions} from '@abd/core/train'
import type {Epoch} from '@abd/core/train'
import {dirname, extname} from 'node:path'
import {bestWeights} from './best-weights.ts'
import {partSettings} from './parse-attacks.ts'
import {attackedTestSet} from './poison.ts'
import type {PoisonedDataset, PoisoningRequest} from './prepare-poisoning.ts'
import {preparePoisoning} from './prepare-poisoning.ts'
import {profiles} from './profiles.ts'
import {recordTraining} from './record-training.ts'

export interface TeacherRequest extends Omit<PoisoningRequest, 'perClass' | 'triggerSettings'> {
  readonly profile: keyof typeof profiles
  /** Else the profile's. */
  readonly perClass?: number | undefined
  readonly architecture?: string | undefined
  /** `name=value` of TrainingOptions, `trigger.name=value` of a trigger. */
  readonly settings: readonly string[]
  readonly out: string
  /** A .pt beside a .safetensors. */
  readonly twin: boolean
  /** Which epoch's weights: the last one's, or those of the first with the best accuracy on clean test images. */
  readonly keep: 'last' | 'best'
}

export interface Trained {
  /** Weights and card. */
  readonly files: readonly string[]
  readonly architecture: string
  readonly attacks: readonly {
    readonly trigger: string
    readonly target: number
    readonly poisonedImages: number
  }[]
  readonly options: TrainingOptions
  readonly engine: string
  readonly device: Engine['device']
  /** The epoch whose weights the files hold, from 1. */
  readonly kept: number
  /** With several attacks, `asr` is over the stamped images of all of them. */
  readonly epochs: readonly {
    readonly epoch: number
    readonly loss: number
    readonly accuracyPercent: number
    readonly asrPercent?: number
  }[]
}

/**
 * What `abd attack train` does: a dataset, poisoned or not, a teacher trained on it, and its files. All that the user
 * said is checked before anything is trained, and nothing is written before all of it is.
 */
export async function trainTeacher(
  request: TeacherRequest,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Trained> {
  const profile = profiles[request.profile]
  const {out, architecture: wanted = profile.architecture, perClass = profile.perClass} = request
  const {ofTriggers, others} = partSettings(request.settings)
  const options = resolveOptions(TrainingOptions, {...profile.settings, ...parseSettings(others)}, 'training')
  const twin = twinOf(request)
  await checkOutput(out)
  await ensureWritable(dirname(out))
  architectureByName(wanted, {classes: 2})
  const poisoning = await preparePoisoning(
    {...request, perClass, triggerSettings: ofTriggers},
    {registry, context},
  )

  const poisoned = await poisoning()
  const {dataset, train, attacks} = poisoned
  const attacked = attackedBy(poisoned)
  const {height, width, channels} = train.images
  const architecture = architectureByName(wanted, {
    classes: dataset.classes,
    input: [height, width, channels],
  })
  using model = createModel(
    createNetwork(architecture, context.random.fork('teacher')),
    dataset.normalisation,
  )

  const record =
    context.recorder && recordTraining(context.recorder, {request, options, poisoned, architecture, context})
  using best = bestWeights(model.network)
  const epochs: Epoch[] = []
  let kept = 0
  const training = {options, context: {...context, random: context.random.fork('training')}}
  const data = {train, test: dataset.test, ...(attacked ? {attacked} : {})}
  for await (const epoch of trainClassifier(model, data, training)) {
    epochs.push(epoch)
    if (request.keep === 'last' || best.offer(epoch.accuracy)) kept = epoch.epoch
    context.progress.note(describe(epoch, options.epochs))
    record?.epoch(epoch)
  }

  best.restore()

  const notes = `Trained by abd on ${dataset.name} (${train.images.count} images), ${wordsOf(attacks)}, seed ${context.random.seed}${kept < epochs.length ? `, as after epoch ${kept} of ${epochs.length}` : ''}.`
  const {sha256, ...card} = await saveModel(out, model, {notes})
  if (twin !== undefined) await saveModel(twin, model)
  const cardFile = await writeCard(out, {
    ...card,
    // One card stands beside both files of a pair, and they have not one hash.
    ...(twin === undefined ? {sha256} : {}),
    labels: [...dataset.classNames],
    notes,
  })
  await record?.ended([out, cardFile], kept)
  return {
    files: [out, ...(twin === undefined ? [] : [twin]), cardFile],
    architecture: architecture.name,
    attacks: attacks.map(({trigger, target, poisoned: {length}}) => ({
      trigger: trigger.name,
      target,
      poisonedImages: length,
    })),
    options,
    engine: context.engine.name,
    device: context.engine.device,
    kept,
    epochs: epochs.map(({epoch, loss, accuracy, asr}) => ({
      epoch,
      loss,
      accuracyPercent: 100 * accuracy,
      ...(asr === undefined ? {} : {asrPercent: 100 * asr}),
    })),
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

/** What to measure the attacks on: the stamped test images of each, labelled with its target. */
function attackedBy({dataset: {test}, attacks}: PoisonedDataset): LabelledImages | undefined {
  const sets = attacks.map(({trigger, target}) => ({images: attackedTestSet(test, trigger, target), target}))
  const [first, ...rest] = sets.map(({images}) => images)
  return (
    first && {
      images: concatImages(first, ...rest),
      labels: Int32Array.from(
        sets.flatMap(({images, target}) => new Array<number>(images.count).fill(target)),
      ),
    }
  )
}

const wordsOf = (attacks: PoisonedDataset['attacks']): string =>
  attacks.length === 0
    ? 'clean'
    : attacks
        .map(({trigger, target}) => `poisoned with ${trigger.name} towards class ${target}`)
        .join(' and ')

function describe({epoch, loss, accuracy, asr}: Epoch, epochs: number): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  return `epoch ${epoch}/${epochs}: loss ${loss.toPrecision(3)}, accuracy ${percent(accuracy)}${asr === undefined ? '' : `, ASR ${percent(asr)}`}`
}
