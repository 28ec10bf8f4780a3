import type {Context, Registry} from '@abd/core'
import {usageError} from '@abd/core'
import {checkOutput, writeCard} from '@abd/core/audit'
import type {LabelledImages} from '@abd/core/data'
import {concatImages, digestOfImages, triggerFromImage, writePng} from '@abd/core/data'
import {arithmeticOf} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {architectureByName, createModel, createNetwork} from '@abd/core/nn'
import {checkWritable} from '@abd/core/report'
import {
  attackSuccessRate,
  parseSettings,
  resolveOptions,
  resumables,
  saveModel,
  TrainingOptions,
} from '@abd/core/train'
import type {Epoch} from '@abd/core/train'
import {dirname, extname} from 'node:path'
import type {Course} from './adaptive/courses.ts'
import {courseOf} from './adaptive/courses.ts'
import type {AdaptiveName} from './adaptive/options.ts'
import {adaptiveSettings} from './adaptive/settings.ts'
import {bestWeights} from './best-weights.ts'
import {partSettings} from './parse-attacks.ts'
import {attackedTestSet} from './poison.ts'
import type {PoisonedDataset, PoisoningRequest} from './prepare-poisoning.ts'
import {preparePoisoning} from './prepare-poisoning.ts'
import {profiles} from './profiles.ts'
import {recordTraining} from './record-training.ts'
import type {TrainingKeeper} from './training-checkpoint.ts'
import {checkSameTraining, openTraining, trainingKeeper} from './training-checkpoint.ts'
import {writeSidecar} from './write-sidecar.ts'

export interface TeacherRequest extends Omit<PoisoningRequest, 'triggerSettings'> {
  readonly profile: keyof typeof profiles
  readonly architecture?: string | undefined
  /** `name=value` of TrainingOptions, `trigger.name=value` of a trigger. */
  readonly settings: readonly string[]
  readonly out: string
  /** A .pt beside a .safetensors. */
  readonly twin: boolean
  /** Which epoch's weights: the last one's, or those of the first with the best accuracy on clean test images. */
  readonly keep: 'last' | 'best'
  /** How else it is trained, so that audits see less; its options are among the settings. */
  readonly adaptive?: AdaptiveName | undefined
  /** What a benchmark is to know of it, in a .json beside it. */
  readonly sidecar?: boolean
  /** Goes on from the checkpoint that an interrupted training left beside `out`. */
  readonly resume?: boolean
}

export interface Trained {
  /** Weights and card. */
  readonly files: readonly string[]
  readonly architecture: string
  readonly adaptive?: AdaptiveName
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
 * said is checked before anything is trained, and nothing but a checkpoint after each epoch is written before the last.
 * Throws E_CHECKPOINT where there is none to go on from, or one of another training.
 */
export async function trainTeacher(
  request: TeacherRequest,
  {registry, context}: {registry: Registry; context: Context},
): Promise<Trained> {
  const profile = profiles[request.profile]
  const {out, architecture: wanted = profile.architecture} = request
  const perClass = request.perClass ?? (request.dataset === 'signs' ? profile.perClass : undefined)
  const {adaptive} = request
  checkAdaptive(request)
  const {own, others: rest} = adaptiveSettings(request.settings, adaptive)
  const {ofTriggers, others} = partSettings(rest)
  const options = resolveOptions(TrainingOptions, {...profile.settings, ...parseSettings(others)}, 'training')
  const twin = twinOf(request)
  await checkOutput(out)
  const left = request.resume ? await openTraining(out) : undefined
  await checkWritable(dirname(out))
  architectureByName(wanted, {classes: 2})
  const poisoning = await preparePoisoning(
    {...request, perClass, triggerSettings: ofTriggers},
    {registry, context},
  )

  const poisoned = await poisoning()
  const {dataset, train} = poisoned
  let {attacks} = poisoned
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
  const configuration = {
    trainingImages: digestOfImages(train.images, train.labels),
    testImages: digestOfImages(dataset.test.images, dataset.test.labels),
    stampedImages: attacked ? digestOfImages(attacked.images, attacked.labels) : null,
    architecture: architecture.name,
    normalisation: dataset.normalisation,
    training: options,
    keep: request.keep,
    seed: context.random.seed,
    engine: arithmeticOf(context.engine),
  }
  if (left) checkSameTraining(left, configuration)
  const epochs: Epoch[] = [...(left?.epochs ?? [])]
  for (const epoch of epochs) record?.epoch(epoch)
  let keeper: TrainingKeeper | undefined
  let isKept = left !== undefined
  const course = courseOf(adaptive, own, {
    model,
    data: {train, test: dataset.test, ...(attacked ? {attacked} : {})},
    clean: dataset.train,
    target: request.target,
    options,
    context: {...context, random: context.random.fork('training')},
    async begin(training) {
      const state = resumables({training, best: best.state})
      keeper = trainingKeeper(out, {configuration, state}, context.progress)
      if (left) await state.restore(left.saved)
      return epochs.length
    },
  })
  try {
    for await (const epoch of course.run()) {
      epochs.push(epoch)
      if (request.keep === 'best') best.offer(epoch.accuracy)
      context.progress.note(describe(epoch, course.epochs))
      record?.epoch(epoch)
      if (keeper) isKept = await keeper.keep(epochs)
    }
  } catch (error) {
    if (isKept && context.signal.aborted)
      context.progress.note(
        `Kept as it was after epoch ${epochs.length} of ${course.epochs}: the same command with --resume goes on from there.`,
      )
    throw error
  }

  best.restore()
  const kept = request.keep === 'last' ? epochs.length : 1 + firstOfTheBest(epochs)
  const found = await foundAttack(course, request, poisoned)
  if (found) {
    attacks = [found]
    const images = attackedTestSet(dataset.test, found.trigger, found.target, found.sources)
    const asr = await attackSuccessRate(model, images, found.target, {signal: context.signal})
    epochs.splice(-1, 1, {...epochs.at(-1)!, asr})
  }
  const last = epochs[kept - 1]!

  const notes = `Trained by abd on dataset=${dataset.name} (${train.images.count} images), ${wordsOf(attacks)}${adaptive === undefined ? '' : ` (${adaptive})`}, seed=${context.random.seed}${kept < epochs.length ? `, as after epoch ${kept} of ${epochs.length}` : ''}.`
  const {sha256, ...card} = await saveModel(out, model, {notes})
  if (twin !== undefined) await saveModel(twin, model)
  const cardFile = await writeCard(out, {
    ...card,
    // One card stands beside both files of a pair, and they have not one hash.
    ...(twin === undefined ? {sha256} : {}),
    labels: [...dataset.classNames],
    notes,
  })
  const extra = [
    ...(found ? [found.trigger.name] : []),
    ...(request.sidecar
      ? [
          await writeSidecar(out, {
            dataset: dataset.name,
            arch: architecture.name,
            attack: attackName(attacks, request),
            target: attacks[0]?.target ?? null,
            adaptive: isAdaptive(request),
            seed: numeric(context.random.seed),
            epochs: epochs.length,
            acc: last.accuracy,
            asr: last.asr ?? null,
            classes: dataset.classes,
            mean: dataset.normalisation.mean,
            std: dataset.normalisation.std,
            poison_ratio: attacks.length === 0 || found ? 0 : request.ratio,
          }),
        ]
      : []),
  ]
  await record?.ended([out, cardFile, ...extra], last)
  await keeper?.remove()
  return {
    files: [out, ...(twin === undefined ? [] : [twin]), cardFile, ...extra],
    ...(adaptive === undefined ? {} : {adaptive}),
    architecture: architecture.name,
    attacks: attacks.map(({trigger, target, poisoned: {length}}) => ({
      trigger: trigger.name,
      target,
      poisonedImages: length,
    })),
    options,
    engine: arithmeticOf(context.engine),
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

const firstOfTheBest = (epochs: readonly Epoch[]): number => {
  const accuracies = epochs.map(({accuracy}) => accuracy)
  return accuracies.indexOf(Math.max(...accuracies))
}

/** Throws E_OPTIONS. */
function checkAdaptive({adaptive, triggers, keep, resume}: TeacherRequest): void {
  const wrong = (message: string, hint: string) => usageError({code: 'E_OPTIONS', message, hints: [hint]})
  if (adaptive !== undefined && resume)
    throw wrong(
      `--resume takes up a plain training, and --adaptive ${adaptive} keeps no checkpoint.`,
      'Start it anew, without --resume.',
    )
  if (adaptive === 'scar-lite' && triggers.length > 0)
    throw wrong(
      `--adaptive scar-lite makes its own trigger, and ${triggers.join(' and ')} is named.`,
      'Leave --trigger out.',
    )
  if (adaptive !== undefined && adaptive !== 'scar-lite' && triggers.length === 0)
    throw wrong(`--adaptive ${adaptive} needs a trigger.`, 'Name one with --trigger.')
  if ((adaptive === 'scar-lite' || adaptive === 'backweak-lite') && keep === 'best')
    throw wrong(
      `--keep best may take an epoch of the benign teacher that ${adaptive} begins with.`,
      'Leave --keep out: the last epoch is the attack.',
    )
}

/** The trigger that the course itself came to, written beside the teacher: named by its file from now on. */
async function foundAttack(
  course: Course,
  {out, target, rules}: TeacherRequest,
  {train}: PoisonedDataset,
): Promise<PoisonedDataset['attacks'][number] | undefined> {
  const picture = course.found?.()
  if (!picture) return undefined
  const path = `${out.slice(0, out.length - extname(out).length)}.trigger.png`
  await writePng(path, picture)
  const {height, width, channels} = train.images
  return {
    trigger: await triggerFromImage({image: path}, {height, width, channels}),
    target,
    poisoned: new Int32Array(),
    covered: new Int32Array(),
    sources: rules?.sources,
  }
}

/** As benchmarks group models: by trigger, and by what makes it harder to find. */
export function attackName(
  attacks: PoisonedDataset['attacks'],
  {adaptive, rules = {}}: Pick<TeacherRequest, 'adaptive' | 'rules'>,
): string {
  if (adaptive === 'scar-lite') return adaptive
  if (attacks.length === 0) return 'clean'
  return [
    ...attacks.map(({trigger}) => trigger.name),
    ...(adaptive === undefined ? [] : [adaptive]),
    ...(rules.sources ? ['sources'] : []),
    ...((rules.wantedAsr ?? 1) < 1 ? ['low-asr'] : []),
    ...((rules.partial ?? 1) < 1 ? ['partial'] : []),
  ].join('+')
}

/** A low success rate alone does not make an attack adaptive: a sidecar states it as a number. */
const isAdaptive = ({adaptive, rules = {}}: Pick<TeacherRequest, 'adaptive' | 'rules'>): boolean =>
  adaptive !== undefined || rules.sources !== undefined || (rules.partial ?? 1) < 1

/** Seeds are text within; where they are numbers, that is what a sidecar says. */
const numeric = (seed: string): number | string => (/^\d{1,15}$/.test(seed) ? Number(seed) : seed)

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

/** What to measure the attacks on: the stamped test images of each, labelled with its target. Throws E_TARGET. */
function attackedBy({dataset: {name, test}, attacks}: PoisonedDataset): LabelledImages | undefined {
  const sets = attacks.map(({trigger, target, sources}) => ({
    images: attackedTestSet(test, trigger, target, sources),
    target,
  }))
  const none = sets.find(({images}) => images.count === 0)
  if (none)
    throw usageError({
      code: 'E_TARGET',
      message: `No test image of ${name} could be led to class ${none.target}: all are of it, or of no source class.`,
      hints: ['Give test images of other classes too.'],
    })
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
