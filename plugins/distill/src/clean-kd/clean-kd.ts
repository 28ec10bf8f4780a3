import {defineMethod, usageError} from '@abd/core'
import type {Context, ImageShape} from '@abd/core'
import {checkInput} from '@abd/core/audit'
import {batchOfPass, loadDataset, loadSigns, sampleBatches, takeLabelled, toTensor} from '@abd/core/data'
import type {Dataset, LabelledImages} from '@abd/core/data'
import {crossEntropy, klElements, sgd} from '@abd/core/math'
import {augment, createMatcher, resumableOptimiser} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {offScale} from './off-scale.ts'
import {CleanKdOptions} from './options.ts'

/**
 * Distillation on clean, labelled images, which data-free methods are compared with (Hinton et al., 2015):
 *   α T² · KLmean_T(S(x) ‖ T(x)) + (1 - α) · CE(S(x), y)   by SGD with momentum
 * KL is the reference implementation's mean over N · classes, so its weight is 1 / classes of Hinton's. Departs from it in
 * that the teacher sees images in its own normalisation, where the reference trains on a standard deviation of CIFAR-10
 * that is not the teacher's (`std: other` gives that back).
 */
export const cleanKd = defineMethod({
  kind: 'distiller',
  name: 'clean_kd',
  summary: 'Distillation on clean, labelled images: what data-free methods are compared with',
  paper: 'https://arxiv.org/abs/1503.02531',
  options: CleanKdOptions,
  metricNames: {accuracy: 'Eval/test_acc', asr: 'Eval/test_ASR', losses: {loss: 'train_loss'}},
  create:
    (options, {random, ...context}) =>
    (pair) => {
      if (options.data !== 'signs') checkInput('--set data', options.data)
      const {network} = pair.student
      const {classes, input} = pair.teacher.network.architecture
      const [height, width, channels] = input
      const {alpha, temperature} = options
      const optimiser = sgd(network.trainable, options)
      const scaled = options.std === 'other' ? offScale(pair.teacher.normalisation) : (x: Tensor4D) => x
      const match = createMatcher<Tensor1D>(pair, optimiser, {
        elements: (s, t) => klElements(s, t, temperature),
        weight: alpha * temperature ** 2,
        also: (logits, labels) => tf.mul(crossEntropy(logits, labels), 1 - alpha),
      })
      let images: LabelledImages | undefined

      const loaded = (): LabelledImages => {
        if (!images) throw new Error('There are no images yet: prepare() comes first.')
        return images
      }
      const perEpoch = () => Math.ceil(loaded().images.count / options.batch)
      const steps = () => perEpoch() * options.epochs

      /** A function of the seed and the step alone. */
      const batchAt = (step: number): LabelledImages => {
        const all = loaded()
        const pass = {count: all.images.count, size: options.batch, perPass: perEpoch()}
        const which = batchOfPass(step, pass, random.fork('order'))
        return {
          images: augment(all.images, which, options, random.fork('batch').fork(step)),
          labels: Int32Array.from(which, (i) => all.labels[i]!),
        }
      }

      return {
        get steps() {
          return steps()
        },
        async prepare() {
          if (images) return
          const {train} = await load(options.data, {height, width, channels}, classes, context)
          const count = Math.max(1, Math.floor(options.share * train.images.count))
          const order = random.fork('share').permutation(train.images.count)
          images = count === train.images.count ? train : takeLabelled(train, order.subarray(0, count))
        },
        step(index) {
          const batch = batchAt(index)
          return match({
            images: scaled(toTensor(batch.images)),
            given: tf.tensor1d(batch.labels, 'int32'),
            learningRate: options.learningRate,
            index,
            steps: steps(),
          })
        },
        sample: (count) => sampleBatches(count, (step) => batchAt(step).images),
        state: resumableOptimiser(optimiser),
        [Symbol.dispose]: () => optimiser[Symbol.dispose](),
      }
    },
})

/** Throws E_CLASSES where the images are of more or fewer classes than the teacher tells apart. */
async function load(
  data: string,
  shape: ImageShape,
  classes: number,
  context: Pick<Context, 'progress' | 'signal'>,
): Promise<Dataset> {
  const dataset =
    data === 'signs' ? await loadSigns({}, context) : await loadDataset({path: data, shape}, context)
  if (dataset.classes === classes) return dataset
  throw usageError({
    code: 'E_CLASSES',
    message: `${dataset.name} has ${dataset.classes} classes, the teacher ${classes}.`,
    hints: ['Give images of the teacher’s own classes: --set data=PATH.'],
  })
}
