import {defineMethod} from '@abd/core'
import {batchOfPass, concatImages, sampleBatches, toImages, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import {cosineSchedule, sgd} from '@abd/core/math'
import {augment, matchTeacher, resumableOptimiser, resumables} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {CmiOptions} from './options.ts'
import {resumableImages} from './resumable-images.ts'
import {createSynthesis} from './synthesis.ts'

const SHIFT = 4

/**
 * Contrastive model inversion (Fang et al., 2021). An epoch synthesises images, as synthesis.ts says, adds them to the
 * pool of all epochs' images, and teaches the student with that:
 *   T² / N · KL(softmax(T(x) / τ) ‖ softmax(S(x) / τ))   by SGD with momentum, x shifted and mirrored
 * Images are kept as bytes, cut off and not rounded, as in the reference implementation, but in memory and not as files,
 * so that none of another run gets in. Departs from it in a memory bank that gives rows when it is exactly full, too.
 */
export const cmi = defineMethod({
  kind: 'distiller',
  name: 'cmi',
  summary: 'Contrastive model inversion: images that fit the teacher’s statistics, each unlike the others',
  paper: 'https://arxiv.org/abs/2105.08584',
  options: CmiOptions,
  create:
    (options, {random}) =>
    (pair) => {
      const {teacher, student, defence} = pair
      const {classes} = teacher.network.architecture
      const perEpoch = options.synthesisSteps + options.studentSteps
      const steps = options.epochs * perEpoch
      const rate = cosineSchedule(options.learningRate, options.epochs)
      const optimiser = sgd(student.network.trainable, options)
      const synthesis = createSynthesis(pair, options, random.fork('synthesis'))
      /** Of a defence what is for the student: its images are synthesised, none is suspicious. */
      const onStudent = defence.retrospect
        ? {retrospect: (batch: Parameters<typeof defence.retrospect>[0]) => defence.retrospect!(batch)}
        : {}
      let pool: Images | undefined

      /** A function of the seed, the step and the pool. */
      const batchAt = (images: Images, epoch: number, step: number): Images => {
        const {count} = images
        const draw = random.fork('student').fork(epoch)
        const pass = {count, size: options.batch, perPass: Math.ceil(count / options.batch)}
        const which = batchOfPass(step, pass, draw.fork('order'))
        return augment(images, which, {shift: SHIFT, flip: options.flip}, draw.fork('batch').fork(step))
      }

      return {
        steps,
        async beforeStep(index) {
          const [epoch, at] = [Math.floor(index / perEpoch), index % perEpoch]
          if (at === 0) synthesis.begin(epoch)
          if (at !== options.synthesisSteps) return
          const images = await harvest(synthesis.finish())
          pool = pool ? concatImages(pool, images) : images
        },
        step(index) {
          const [epoch, at] = [Math.floor(index / perEpoch), index % perEpoch]
          if (at < options.synthesisSteps) return {synthesis: synthesis.step(epoch, at)}
          if (!pool) throw new Error('There are no images yet: beforeStep() comes first.')
          return matchTeacher(
            {teacher, student, defence: onStudent},
            {optimiser, learningRate: rate(epoch)},
            {
              images: toTensor(batchAt(pool, epoch, at - options.synthesisSteps)),
              temperature: options.temperature,
              weight: options.temperature ** 2 * classes,
              index,
              steps,
            },
          )
        },
        state: resumables({
          optimiser: resumableOptimiser(optimiser),
          synthesis: synthesis.state,
          pool: resumableImages(
            () => pool,
            (images) => (pool = images),
          ),
        }),
        sample: (count) => sampleBatches(count, () => pool ?? harvest(synthesis.draw())),
        [Symbol.dispose]() {
          optimiser[Symbol.dispose]()
          synthesis[Symbol.dispose]()
        },
      }
    },
})

/** As bytes, cut off. Disposes of the images. */
async function harvest(images: tf.Tensor4D): Promise<Images> {
  const cut = tf.tidy(() => tf.div<tf.Tensor4D>(tf.floor(tf.mul(images, 255)), 255))
  try {
    return await toImages(cut)
  } finally {
    tf.dispose([images, cut])
  }
}
