import {defineMethod} from '@abd/core'
import type {Context, Task} from '@abd/core'
import {steady} from '@abd/core/engine'
import {takeImages, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import {adam, crossEntropy, lossAndGradients, scalars} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import {lastConvolutions} from '@abd/core/nn'
import {imagesAtOnce, normalise} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor, Tensor2D, Tensor4D, Variable} from '@tensorflow/tfjs-core'
import {z} from 'zod'
import {labelVariable, takeSteps} from '../inversion/take-steps.ts'
import {notApplicable} from './not-applicable.ts'
import {tendency} from './tendency.ts'

type Split = NonNullable<Model['network']['architecture']['split']>

const options = z.strictObject({
  splits: z
    .array(z.int().min(1).max(100))
    .min(1)
    .max(3)
    .default([2, 5, 10])
    .describe(
      'Where the network is cut, one after the other: so many last convolutions lie behind, at the nearest place before them',
    ),
  starts: z.int().min(1).max(64).default(4).describe('Embeddings a class'),
  steps: z.int().min(1).max(5000).default(200),
  rate: z.number().positive().max(1).default(0.02).describe('Of Adam, in deviations of each channel'),
  weightDecay: z.number().min(0).max(1).default(5e-3),
})

/** Images that the range of the embeddings is taken from. */
const RANGE_IMAGES = 100

/** Embeddings in one batch, of networks for small images. */
const EMBEDDINGS = 400

/**
 * FreeEagle (Fu et al., USENIX Security 2023): behind an inner split, embeddings are optimised for each class, in one batch;
 * those of a backdoored network lean towards the target whatever class they are made for (`tendency`). Where in a network the
 * trigger has become what leads to the target is not known beforehand, so several splits are tried, and the statistic is the largest of
 * theirs; each is free of scale and shift, and a network of the same architecture, clean or not, is asked at the same splits, so that its null is that
 * of a largest one, too. Departs from the paper in this, in what an embedding may be: not any number of 0 or more, but, channel by channel, within
 * what the base images give at the split, since networks whose blocks begin with BatchNorm hand on negative numbers, too; and what
 * is not given to the own class is shared by a softmax over the others, so that how far an embedding is optimised does not matter.
 */
export const freeEagle = defineMethod({
  kind: 'detector',
  name: 'freeeagle_tendency',
  summary: 'A class that inner representations made for any other class lean towards',
  paper: 'https://arxiv.org/abs/2302.14500',
  options,
  create: (chosen) => ({
    version: 2,
    needs: 'gradient',
    async inspect(model, evidence, context) {
      const {architecture} = model.network
      if (!architecture.cut)
        return notApplicable(`a ${architecture.name} comes as a graph, which abd does not cut in two`)
      if (architecture.classes < 3)
        return notApplicable('it takes three classes for one to lean towards another')
      const splits = innerSplits(model, chosen.splits)
      if (splits.length === 0)
        return notApplicable(`a ${architecture.name} has too few convolutions to be cut between them`)
      const groups = classGroups(architecture, chosen.starts)
      const task = context.progress.start('FreeEagle', splits.length * groups.length * chosen.steps)
      try {
        const looks: (Look & {readonly layers: number})[] = []
        for (const {layers, split} of splits) {
          const random = context.random.fork('split').fork(layers)
          const watched = {context: {...context, random}, task}
          const look = await lookBehind({model, split, groups, base: evidence.base}, chosen, watched)
          looks.push({...look, layers})
        }
        const {statistic, target, perClass, layers, reached} = looks.reduce((best, look) =>
          look.statistic > best.statistic ? look : best,
        )
        const each = looks.map((look) => [`statisticBehind${look.layers}`, look.statistic])
        return {
          statistic,
          target,
          perClass,
          details: {layers, starts: chosen.starts, reached, ...(Object.fromEntries(each) as object)},
        }
      } finally {
        task.end()
      }
    },
  }),
})

/** Where a network is cut inside, the same place once; one with fewer convolutions would be cut before its first. */
function innerSplits(
  {network: {architecture}}: Model,
  wanted: readonly number[],
): {readonly layers: number; readonly split: Split}[] {
  const places = new Map<number, {readonly layers: number; readonly split: Split}>()
  for (const layers of wanted) {
    const split = architecture.cut!(lastConvolutions(architecture, layers))
    const behind = split.tailParameters.size
    if (behind < architecture.parameters.size && !places.has(behind)) places.set(behind, {layers, split})
  }
  return [...places.values()]
}

/** All classes at once where images are small and classes few; what fits otherwise. */
function classGroups({classes, input}: Model['network']['architecture'], starts: number): number[][] {
  const [height, width] = input
  const atOnce = Math.max(1, Math.floor(imagesAtOnce({height, width}, EMBEDDINGS) / starts))
  return Array.from({length: Math.ceil(classes / atOnce)}, (_, g) =>
    Array.from({length: Math.min(atOnce, classes - g * atOnce)}, (_, i) => g * atOnce + i),
  )
}

interface Look extends ReturnType<typeof tendency> {
  /** Share of the embeddings that the network takes for the class they are made for. */
  readonly reached: number
}

interface CutNetwork {
  readonly model: Model
  readonly split: Split
  /** The classes, those together whose embeddings are optimised in one batch. */
  readonly groups: readonly (readonly number[])[]
  /** What the range of the embeddings is taken from. */
  readonly base: Images
}

/** What embeddings behind one split lean towards. */
async function lookBehind(
  cut: CutNetwork,
  chosen: z.infer<typeof options>,
  watched: {readonly context: Context; readonly task: Task},
): Promise<Look> {
  const {classes} = cut.model.network.architecture
  const logits: number[][] = []
  for (const targets of cut.groups) logits.push(...(await optimiseEmbeddings(cut, targets, chosen, watched)))
  const shares = Array.from({length: classes}, (_, c) => {
    const sum = new Array<number>(classes).fill(0)
    for (let start = 0; start < chosen.starts; start++)
      sharesOfOthers(logits[c * chosen.starts + start]!, c).forEach((share, j) => (sum[j]! += share))
    return sum.map((value) => value / chosen.starts)
  })
  const own = logits.filter((row, i) => row.indexOf(Math.max(...row)) === Math.floor(i / chosen.starts))
  return {...tendency(shares), reached: own.length / logits.length}
}

/** The softmax over all classes but `c`. */
function sharesOfOthers(logits: readonly number[], c: number): number[] {
  const most = Math.max(...logits.filter((_, j) => j !== c))
  const powers = logits.map((value, j) => (j === c ? 0 : Math.exp(value - most)))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

/** Logits of `starts` embeddings for each of these classes, class by class. */
async function optimiseEmbeddings(
  {model, split, base}: CutNetwork,
  targets: readonly number[],
  {starts, steps, rate, weightDecay}: z.infer<typeof options>,
  {context, task}: {readonly context: Context; readonly task: Task},
): Promise<number[][]> {
  const {parameters} = model.network
  const count = targets.length * starts
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
    const random = context.random
      .fork('embeddings')
      .fork(targets[0]!)
      .normalTensor([count, ...shape])
    return tf.variable(within(tf.add(random, tf.div(mean, deviation))))
  })
  const labels = labelVariable(count, (i) => targets[Math.floor(i / starts)]!)
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
    tf.dispose([mean, deviation, low, high, embeddings, labels])
  }
}
