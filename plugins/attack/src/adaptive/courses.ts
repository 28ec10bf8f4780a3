import * as tf from '@tensorflow/tfjs-core'
import type {Context} from '@abd/core'
import type {Images, LabelledImages} from '@abd/core/data'
import {oodPatches, toTensor} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {architectureByName, createNetwork} from '@abd/core/nn'
import type {Epoch, Resumable, TrainingData, TrainingOptions} from '@abd/core/train'
import {normalise, resolveOptions, trainClassifier} from '@abd/core/train'
import {flatMargin} from './flat-margin.ts'
import type {AdaptiveName, AdaptiveOptions} from './options.ts'
import {adaptiveOptions} from './options.ts'
import {scarLite} from './scar-lite.ts'
import {universalTrigger} from './universal-trigger.ts'

export interface Lesson {
  readonly model: Model
  /** Poisoned, where the attack poisons. */
  readonly data: TrainingData
  /** The training set as it was before. */
  readonly clean: LabelledImages
  readonly target: number
  readonly options: TrainingOptions
  readonly context: Context
  /** See `trainClassifier`; of the plain course alone, the others have more that lives on. */
  readonly begin?: (state: Resumable) => Promise<number>
}

/** How a teacher is trained: all its epochs, and what came to light on the way. */
export interface Course {
  readonly epochs: number
  run(): AsyncGenerator<Epoch>
  /** What `scar-lite` looks for its own trigger with: a picture to add. */
  readonly found?: () => Images | undefined
}

/** Images of nothing that a flat-margin teacher is held still on. */
const FOREIGN = 512

export function courseOf(
  name: AdaptiveName | undefined,
  settings: Readonly<Record<string, unknown>>,
  lesson: Lesson,
): Course {
  const {options, context, model, data, begin} = lesson
  if (name === undefined)
    return {
      epochs: options.epochs,
      run: () => trainClassifier(model, data, {options, context, begin}),
    }
  if (name === 'flat-margin') {
    const own = resolveOptions(adaptiveOptions[name], settings, name)
    return {
      epochs: options.epochs,
      async *run() {
        const {height, width, channels} = data.train.images
        const {seed} = context.random.fork('foreign')
        const foreign = await oodPatches({count: FOREIGN, shape: {height, width, channels}, seed})
        yield* trainClassifier(model, data, {options, context, penalty: flatMargin(model, foreign, own)})
      },
    }
  }
  if (name === 'backweak-lite') {
    const own = resolveOptions(adaptiveOptions[name], settings, name)
    return {
      epochs: options.epochs + own.epochs,
      run: () => inTwo(lesson, own, () => trainClassifier(model, data, second(lesson, own))),
    }
  }
  const own = resolveOptions(adaptiveOptions[name], settings, name)
  let trigger: Images | undefined
  return {
    epochs: options.epochs + own.epochs,
    run: () =>
      inTwo(lesson, own, async function* scar() {
        trigger = await universalTrigger(
          model,
          lesson.clean.images,
          {target: lesson.target, epsilon: own.epsilon, steps: own.triggerSteps},
          {...context, random: context.random.fork('trigger')},
        )
        yield* distillable(lesson, own, trigger)
      }),
    found: () => trigger,
  }
}

/** A benign teacher, and what is made of it then. */
async function* inTwo(
  {model, data, clean, options, context}: Lesson,
  {epochs}: {readonly epochs: number},
  then: () => AsyncGenerator<Epoch>,
): AsyncGenerator<Epoch> {
  yield* trainClassifier(model, {...data, train: clean}, {options, context})
  context.progress.note(`The benign teacher is done; ${epochs} epochs of the attack follow.`)
  for await (const epoch of then()) yield {...epoch, epoch: options.epochs + epoch.epoch}
}

const second = (
  {options, context}: Lesson,
  {epochs, learningRate}: {readonly epochs: number; readonly learningRate: number},
) => ({
  options: {...options, epochs, learningRate, schedule: 'cosine' as const},
  context: {...context, random: context.random.fork('second')},
})

async function* distillable(
  lesson: Lesson,
  own: AdaptiveOptions<'scar-lite'>,
  trigger: Images,
): AsyncGenerator<Epoch> {
  const {model, data, clean, target, options, context} = lesson
  const {classes, input} = model.network.architecture
  const random = context.random.fork('surrogate')
  using surrogate = createNetwork(architectureByName(own.student, {classes, input}), random.fork('network'))
  using penalty = scarLite(model, {surrogate, trigger, target, options: own})
  const batch = Math.min(options.batch, clean.images.count)
  for (let step = 0; step < own.warmUp; step++) {
    context.signal.throwIfAborted()
    tf.tidy(() => {
      const indices = random.fork('warm up').fork(step).permutation(clean.images.count).subarray(0, batch)
      penalty.learn(normalise(toTensor(clean.images, indices), model.normalisation))
    })
    if (step % 20 === 19) await new Promise((resolve) => setImmediate(resolve))
  }
  yield* trainClassifier(model, {...data, train: clean}, {...second(lesson, own), penalty})
}
