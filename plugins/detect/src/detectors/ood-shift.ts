import {defineMethod} from '@abd/core'
import type {Context} from '@abd/core'
import type {Observation} from '@abd/core/audit'
import {batches, takeImages, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import {lossAndGradients} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import {imagesAtOnce} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'
import {scrambleImages} from '../inversion/scramble-images.ts'
import {needsTask, taskImages} from './neural-cleanse.ts'

/** Images in one pass, of small ones. */
const BATCH = 100

const options = z.strictObject({
  images: z.int().min(10).max(5000).default(200).describe('Images that are pushed, at most'),
  steps: z.int().min(1).max(200).default(10).describe('Steps of a push'),
  radius: z
    .number()
    .positive()
    .max(1)
    .default(4 / 255)
    .describe('How far a pixel may move, from 0 to 1'),
})

/**
 * TRODO (Mirzaei et al., NeurIPS 2024): images that have nothing to do with the task look more like it after a small
 * adversarial step (PGD that makes the largest softmax larger), and more so to a backdoored network, whose blind spots lead
 * to the target. The statistic is how much the mean of the largest softmax rises. Departs from the paper in the null: ranked
 * among clean networks by a calibration, where it takes a threshold from one surrogate.
 */
export const oodShift = defineMethod({
  kind: 'detector',
  name: 'ood_shift',
  summary:
    'How much surer the network becomes of images that have nothing to do with the task, by a small push',
  paper: 'https://arxiv.org/abs/2501.13893',
  options,
  create: ({images, ...how}) => ({
    version: 1,
    needs: 'gradient',
    inspect: (model, evidence, context) =>
      inspectShift(model, takeImages(evidence.base, images), how, {
        context,
        label: 'Shift of foreign images',
      }),
  }),
})

/**
 * The same on images that are nearly of the task, as TRODO makes them from data where there is some: the given images, their
 * tiles lying elsewhere (`scrambleImages`). Departs from the paper, which distorts in more ways.
 */
export const nearOodShift = defineMethod({
  kind: 'detector',
  name: 'near_ood_shift',
  summary: 'How much surer the network becomes of scrambled images of the task, by a small push',
  paper: 'https://arxiv.org/abs/2501.13893',
  options,
  create: ({images, ...how}) => ({
    version: 1,
    needs: 'gradient',
    needsTaskImages: true,
    async inspect(model, evidence, context) {
      const given = taskImages(evidence, context.random)
      if (!given) return needsTask
      const scrambled = scrambleImages(takeImages(given.base, images), context.random.fork('scramble'))
      return inspectShift(model, scrambled, how, {context, label: 'Shift of scrambled images'})
    },
  }),
})

async function inspectShift(
  model: Model,
  sample: Images,
  {steps, radius}: {steps: number; radius: number},
  {context, label}: {context: Context; label: string},
): Promise<Observation> {
  const {classes} = model.network.architecture
  const into = new Array<number>(classes).fill(0)
  let [before, after] = [0, 0]
  const batch = imagesAtOnce(sample, BATCH)
  const task = context.progress.start(label, Math.ceil(sample.count / batch) * steps)
  try {
    for (const indices of batches(sample.count, batch)) {
      const start = toTensor(sample, indices)
      let x = tf.clone(start)
      try {
        before += (await sureness(model, start)).sum
        for (let step = 0; step < steps; step++) {
          context.signal.throwIfAborted()
          const last = x
          x = tf.tidy(() => push(model, last, start, {size: (2 * radius) / steps, radius}))
          last.dispose()
          task.advance(1)
          await new Promise(setImmediate)
        }
        const pushed = await sureness(model, x)
        after += pushed.sum
        for (const c of pushed.predicted) into[c]!++
      } finally {
        tf.dispose([start, x])
      }
    }
  } finally {
    task.end()
  }
  const perClass = into.map((count) => count / sample.count)
  const target = perClass.indexOf(Math.max(...perClass))
  return {
    statistic: (after - before) / sample.count,
    target,
    perClass,
    details: {
      images: sample.count,
      before: before / sample.count,
      after: after / sample.count,
      largestShare: perClass[target]!,
    },
  }
}

async function sureness(
  model: Model,
  x: tf.Tensor4D,
): Promise<{readonly sum: number; readonly predicted: Int32Array}> {
  const [sum, predicted] = tf.tidy(() => {
    const shares = tf.softmax(model.logits(x))
    return [tf.sum(tf.max(shares, 1)), tf.argMax(shares, 1)] as [tf.Tensor, tf.Tensor]
  })
  try {
    const [values, classes] = await Promise.all([sum.data(), predicted.data<'int32'>()])
    return {sum: values[0]!, predicted: classes}
  } finally {
    tf.dispose([sum, predicted])
  }
}

/** One signed step that makes log max softmax larger, within the radius around the start. */
function push(
  model: Model,
  x: tf.Tensor4D,
  start: tf.Tensor4D,
  {size, radius}: {size: number; radius: number},
): tf.Tensor4D {
  const {gradients} = lossAndGradients([x], () => {
    const logits = model.logits(x)
    return tf.sum<tf.Scalar>(tf.sub(tf.max(logits, 1), tf.logSumExp(logits, 1)))
  })
  const moved = tf.add(x, tf.mul(tf.sign(gradients[0]!), size))
  const within: tf.Tensor4D = tf.minimum(tf.maximum(moved, tf.sub(start, radius)), tf.add(start, radius))
  return tf.clipByValue(within, 0, 1)
}
