import {defineMethod} from '@abd/core'
import type {Context} from '@abd/core'
import {steady} from '@abd/core/engine'
import {takeImages, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import {adam, crossEntropy, lossAndGradients, scalars} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import {lastConvolutions} from '@abd/core/nn'
import {normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor2D, Tensor4D, Variable} from '@tensorflow/tfjs-core'
import {z} from 'zod'
import {labelVariable, takeSteps} from '../inversion/take-steps.ts'
import {notApplicable} from './not-applicable.ts'
import {tendency} from './tendency.ts'

type Split = NonNullable<Model['network']['architecture']['split']>

const options = z.strictObject({
  layers: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe(
      'Last convolutions that lie behind the split; the network is cut at the nearest place before them',
    ),
  starts: z.int().min(1).max(64).default(4).describe('Embeddings a class'),
  steps: z.int().min(1).max(5000).default(200),
  rate: z.number().positive().max(1).default(0.02).describe('Of Adam, in deviations of each channel'),
  weightDecay: z.number().min(0).max(1).default(5e-3),
})

/** Images that the range of the embeddings is taken from. */
const RANGE_IMAGES = 100

/**
 * FreeEagle (Fu et al., USENIX Security 2023): behind an inner split, embeddings are optimised for each class, in one batch;
 * those of a backdoored network lean towards the target whatever class they are made for (`tendency`). Departs from the paper
 * in what an embedding may be: not any number of 0 or more, but, channel by channel, within what the base images give at the
 * split, since networks whose blocks begin with BatchNorm hand on negative numbers, too; and what is not given to the own
 * class is shared by a softmax over the others, so that how far an embedding is optimised does not matter.
 */
export const freeEagle = defineMethod({
  kind: 'detector',
  name: 'freeeagle_tendency',
  summary: 'A class that inner representations made for any other class lean towards',
  paper: 'https://arxiv.org/abs/2302.14500',
  options,
  create: (chosen) => ({
    version: 1,
    needs: 'gradient',
    async inspect(model, evidence, context) {
      const {architecture} = model.network
      const split = architecture.cut?.(lastConvolutions(architecture, chosen.layers))
      if (!split)
        return notApplicable(`a ${architecture.name} comes as a graph, which abd does not cut in two`)
      if (architecture.classes < 3)
        return notApplicable('it takes three classes for one to lean towards another')
      const logits = await optimiseEmbeddings(model, split, evidence.base, chosen, context)
      const {classes} = architecture
      const shares = Array.from({length: classes}, (_, c) => {
        const sum = new Array<number>(classes).fill(0)
        for (let start = 0; start < chosen.starts; start++)
          sharesOfOthers(logits[c * chosen.starts + start]!, c).forEach((share, j) => (sum[j]! += share))
        return sum.map((value) => value / chosen.starts)
      })
      const own = logits.filter(
        (row, i) => row.indexOf(Math.max(...row)) === Math.floor(i / chosen.starts),
      ).length
      return {
        ...tendency(shares),
        details: {layers: chosen.layers, starts: chosen.starts, reached: own / logits.length},
      }
    },
  }),
})

/** The softmax over all classes but `c`. */
function sharesOfOthers(logits: readonly number[], c: number): number[] {
  const most = Math.max(...logits.filter((_, j) => j !== c))
  const powers = logits.map((value, j) => (j === c ? 0 : Math.exp(value - most)))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

/** Logits of `starts` embeddings for each class, class by class. */
async function optimiseEmbeddings(
  model: Model,
  split: Split,
  base: Images,
  {starts, steps, rate, weightDecay}: z.infer<typeof options>,
  context: Context,
): Promise<number[][]> {
  const {architecture, parameters} = model.network
  const count = architecture.classes * starts
  const range = tf.tidy(() => {
    const h = split.trunk(
      parameters,
      normalise(toTensor(takeImages(base, RANGE_IMAGES)), model.normalisation),
    )
    const {mean, variance} = tf.moments(h, [0, 1, 2])
    const kept = (tensor: Tensor) => tf.variable(tensor, false)
    return {
      mean: kept(mean),
      deviation: kept(tf.add(tf.sqrt(variance), 1e-6)),
      low: kept(tf.min(h, [0, 1, 2])),
      high: kept(tf.max(h, [0, 1, 2])),
      shape: h.shape.slice(1),
    }
  })
  const {mean, deviation, low, high, shape} = range
  const within = (h: Tensor) => tf.minimum(tf.maximum(h, tf.div(low, deviation)), tf.div(high, deviation))
  const embeddings: Variable = tf.tidy(() => {
    const random = context.random.fork('embeddings').normalTensor([count, ...shape])
    return tf.variable(within(tf.add(random, tf.div(mean, deviation))))
  })
  const labels = labelVariable(count, (i) => Math.floor(i / starts))
  const tail = (): Tensor2D => split.tail(parameters, tf.mul(embeddings, deviation) as unknown as Tensor4D)
  using optimiser = adam([embeddings], {weightDecay})
  const work = steady(({numbers}: {numbers: Scalar[]}) => {
    const {gradients} = lossAndGradients([embeddings], () =>
      tf.mul<Scalar>(crossEntropy(tail(), labels), count),
    )
    optimiser.change(gradients, numbers)
    embeddings.assign(within(embeddings))
    return {}
  })
  const task = context.progress.start('FreeEagle', steps)
  try {
    const step = () => void work({numbers: scalars(optimiser.next(rate))})
    await takeSteps(steps, step, {label: 'A step of FreeEagle', task, context})
    const logits = tf.tidy(tail)
    try {
      return await logits.array()
    } finally {
      logits.dispose()
    }
  } finally {
    task.end()
    tf.dispose([mean, deviation, low, high, embeddings, labels])
  }
}
