import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {z} from 'zod'
import type {Context} from '../context.ts'
import {batches} from '../data/batches.ts'
import type {LabelledImages} from '../data/images.ts'
import {toTensor} from '../data/to-tensor.ts'
import {steady} from '../engine/index.ts'
import type {Random} from '../engine/random.ts'
import {usageError} from '../errors.ts'
import {adam} from '../math/adam.ts'
import {sgd} from '../math/sgd.ts'
import {smoothedCrossEntropy} from '../math/smoothed-cross-entropy.ts'
import type {Model} from '../nn/model.ts'
import type {Tensors} from '../tensors.ts'
import {attackBatch, randomStart} from './attack-batch.ts'
import {augment} from './augment.ts'
import {createDescent} from './descend.ts'
import {evaluate} from './evaluate.ts'
import {learningRates} from './learning-rates.ts'
import {normalise} from './normalise.ts'
import {resumables} from './resumable.ts'
import type {Resumable} from './resumable.ts'
import {resumableNetwork, resumableOptimiser} from './resumable-variables.ts'

/** By default the recipe of the reference's teachers (SGD, momentum 0.9, weight decay 5e-4, shifts of 4), for few epochs. */
export const TrainingOptions = z.strictObject({
  epochs: z.int().min(1).max(1000).default(12),
  batch: z.int().min(2).max(4096).default(128).describe('Images a step; a smaller last batch is left out'),
  learningRate: z.number().positive().max(10).default(0.1).describe('The highest of the schedule'),
  schedule: z
    .enum(['one-cycle', 'cosine', 'epoch-cosine'])
    .default('one-cycle')
    .describe('Of the learning rate, step by step or, as in the reference, epoch by epoch'),
  optimiser: z.enum(['sgd', 'adam']).default('sgd'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('Of sgd'),
  weightDecay: z.number().min(0).max(1).default(5e-4),
  shift: z.int().min(0).max(64).default(4).describe('Random shifts of up to as many pixels'),
  border: z
    .enum(['wrap', 'black'])
    .default('wrap')
    .describe('What a shift brings in: what went out on the other side, or black pixels as in the reference'),
  flip: z.boolean().default(false).describe('Mirror half of the images; not for signs'),
  adversarial: z
    .number()
    .min(0)
    .max(255)
    .default(0)
    .describe(
      'Radius, in steps of 0 to 255, within which each image is made harder by one signed gradient step from a random start (Wong et al., ICLR 2020); 8 is usual, 0 trains on the images as they are',
    ),
})
export type TrainingOptions = z.infer<typeof TrainingOptions>

export interface TrainingData {
  readonly train: LabelledImages
  readonly test: LabelledImages
  /** Test images that triggers were put on, with the class each should lead to: measured, never trained on. */
  readonly attacked?: LabelledImages
}

/** What else a training's loss is of, beside the cross-entropy of its batch. */
export interface Penalty<G extends Tensors = Tensors> {
  /**
   * Before each step: what its loss needs beside the batch (images normalised, [N, H, W, C]). Tensors are the step's to
   * tidy; random numbers are the step's own.
   */
  prepare(batch: {readonly x: Tensor4D; readonly labels: Tensor1D}, random: Random): G
  /** Added to the loss, of the batch's logits and what was prepared; the same work in each step. */
  loss(logits: Tensor2D, given: G): Scalar
}

/** Where an epoch led to; fractions. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number
  /** Mean of the epoch's training losses. */
  readonly loss: number
  readonly accuracy: number
  readonly asr?: number
}

/**
 * Trains a classifier by cross-entropy, and yields after each epoch. Knows no poison: that is in the images. The model
 * is where the last epoch left it, whether or not a caller takes all of them. A penalty adds to the loss.
 */
export async function* trainClassifier<G extends Tensors = undefined>(
  model: Model,
  {train, test, attacked}: TrainingData,
  {
    options,
    context: {engine, random, signal, progress},
    labelSmoothing = 0,
    penalty,
    begin,
  }: {
    readonly options: TrainingOptions
    readonly context: Context
    /** Probability that is taken from the true class and given to all classes alike (Szegedy et al., CVPR 2016). */
    readonly labelSmoothing?: number
    readonly penalty?: Penalty<G>
    /**
     * Called before the first step with all that lives on from epoch to epoch (a penalty's own state is not in it): how
     * many epochs are done already, once it is restored. After each epoch that is yielded it can be saved.
     */
    readonly begin?: ((state: Resumable) => Promise<number>) | undefined
  },
): AsyncGenerator<Epoch> {
  const perEpoch = Math.floor(train.images.count / options.batch)
  if (perEpoch === 0)
    throw usageError({
      code: 'E_BATCH',
      message: `${train.images.count} training images do not fill a batch of ${options.batch}.`,
      hints: [`Take more images, or a smaller batch: --set batch=${train.images.count}.`],
    })
  const total = perEpoch * options.epochs
  const rate = learningRates(options, perEpoch)
  const {network, normalisation} = model
  using optimiser = (options.optimiser === 'adam' ? adam : sgd)(network.trainable, options)
  using capture = engine.capture({
    label: 'A step of training',
    times: total,
    note: (line) => progress.note(line),
  })
  const normalised = steady((images: Tensor4D) => normalise(images, normalisation))
  const radius = options.adversarial / 255
  // By the statistics of the batch, as it will be trained on; the running ones do not move for it.
  const harder = steady(({x, start, labels}: {x: Tensor4D; start: Tensor4D; labels: Tensor1D}) =>
    attackBatch(
      (at) => {
        const {logits} = network.architecture.forward(
          network.parameters,
          normalise(at, normalisation),
          'train',
        )
        return smoothedCrossEntropy(logits, labels, labelSmoothing)
      },
      {x, start, radius},
    ),
  )
  const descent = createDescent<{labels: Tensor1D; more: G | undefined}>(
    {network, optimiser},
    ({logits}, {labels, more}) => {
      const loss = smoothedCrossEntropy(logits, labels, labelSmoothing)
      return penalty ? tf.add<Scalar>(loss, penalty.loss(logits, more as G)) : loss
    },
  )
  const from =
    (await begin?.(
      resumables({network: resumableNetwork(network), optimiser: resumableOptimiser(optimiser)}),
    )) ?? 0
  const task = progress.start('Training', total - from * perEpoch)
  try {
    for (let epoch = from; epoch < options.epochs; epoch++) {
      const draw = random.fork('epoch').fork(epoch)
      const order = batches(train.images.count, options.batch, {random: draw.fork('order'), dropLast: true})
      const losses: number[] = []
      for (const indices of order) {
        signal.throwIfAborted()
        const images = augment(train.images, indices, options, draw.fork('augment').fork(losses.length))
        const labels = Int32Array.from(indices, (index) => train.labels[index]!)
        const learningRate = rate(epoch * perEpoch + losses.length)
        const loss = capture.run(() =>
          tf.tidy(() => {
            const own = tf.tensor1d(labels, 'int32')
            const plain = toTensor(images)
            const start = () => randomStart(plain.shape, radius, draw.fork('adversarial').fork(losses.length))
            const x = radius > 0 ? harder({x: plain, start: start(), labels: own}) : plain
            const batch = {x: normalised(x), labels: own}
            const more = penalty?.prepare(batch, draw.fork('penalty').fork(losses.length))
            return descent(batch.x, {labels: batch.labels, more}, {learningRate})
          }),
        )
        losses.push((await loss.data())[0]!)
        loss.dispose()
        task.advance(1, `epoch ${epoch + 1} of ${options.epochs}, loss ${losses.at(-1)!.toPrecision(3)}`)
        await nextTurn()
      }
      const {accuracy} = await evaluate(model, test, {signal})
      const asr = attacked && {asr: (await evaluate(model, attacked, {signal})).accuracy}
      yield {
        epoch: epoch + 1,
        loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
        accuracy,
        ...asr,
      }
    }
  } finally {
    task.end()
  }
}
