import {defineMethod} from '@abd/core'
import {checkInput} from '@abd/core/audit'
import {batchOfPass, oodPatches, sampleBatches, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import {adam, constantSchedule, cosineSchedule, klElements, sgd, stepSchedule} from '@abd/core/math'
import type {Schedule} from '@abd/core/math'
import {augment, createMatcher, resumableOptimiser, studentCourse} from '@abd/core/train'
import {cutMix} from './cut-mix.ts'
import {OodOptions} from './options.ts'

/**
 * Distillation on patches of unrelated pictures (Asano and Saeed, 2021), which ABD calls OOD:
 *   x = CutMix(augment(patches)),   min over S of KL(softmax(T(x) / τ) ‖ softmax(S(x) / τ)) by Adam or SGD
 * Rows that a defence suspects are climbed on, weakly, where the others are descended on.
 * Departs from the reference implementation: few patches and epochs by default, a cosine over steps, τ² / N for its mean
 * over N · classes (`loss: mean` gives that back), which Self-Retrospection has, too, where there it is in the former
 * (`retrospection: batchmean`), and no NaN where a batch has nothing but suspects.
 */
export const ood = defineMethod({
  kind: 'distiller',
  name: 'ood',
  summary: 'Distillation on patches of pictures that have nothing to do with the task',
  paper: 'https://arxiv.org/abs/2112.00725',
  options: OodOptions,
  metricNames: {accuracy: 'test acc', asr: 'test asr', losses: {loss: 'train loss'}},
  create:
    (options, {random, progress, signal}) =>
    (pair) => {
      const {source} = options
      if (source !== 'photos' && source !== 'procedural') checkInput('--set source', source)
      const {network} = pair.student
      const [height, width, channels] = network.architecture.input
      const perEpoch = Math.max(1, Math.floor(options.patches / options.batch))
      const batchmean = options.temperature ** 2 * network.architecture.classes
      const weight = options.loss === 'mean' ? 1 : batchmean
      const optimiser =
        options.optimiser === 'sgd' ? sgd(network.trainable, options) : adam(network.trainable)
      const course = studentCourse({
        optimiser,
        steps: perEpoch * options.epochs,
        rate: scheduleOf(options, perEpoch),
      })
      const match = createMatcher(pair, optimiser, {
        elements: (s, t) => klElements(s, t, options.temperature),
        weight,
        retrospectionWeight: options.retrospection === 'batchmean' ? batchmean : weight,
      })
      let patches: Images | undefined

      /** A function of the seed and the step alone. */
      const batchAt = (step: number): Images => {
        if (!patches) throw new Error('There are no patches yet: prepare() comes first.')
        const pass = {count: patches.count, size: options.batch, perPass: perEpoch}
        const draw = random.fork('batch').fork(step)
        const batch = augment(patches, batchOfPass(step, pass, random.fork('order')), options, draw)
        return draw.uniform() < options.cutMixProbability
          ? cutMix(batch, {alpha: options.cutMix, boxes: options.boxes}, draw)
          : batch
      }

      return {
        get steps() {
          return course.steps
        },
        beginStage: (stage) => {
          course.beginStage(stage)
        },
        async prepare() {
          const {seed} = random.fork('patches')
          const shape = {height, width, channels}
          patches ??= await oodPatches(
            {count: options.patches, source: options.source, shape, seed},
            {progress, signal},
          )
        },
        step(index) {
          return match({
            images: toTensor(batchAt(index)),
            learningRate: course.rate(index),
            index,
            steps: course.steps,
          })
        },
        sample: (count) => sampleBatches(count, batchAt),
        state: resumableOptimiser(optimiser),
        [Symbol.dispose]: () => optimiser[Symbol.dispose](),
      }
    },
})

function scheduleOf({schedule, learningRate, epochs}: OodOptions, perEpoch: number): Schedule {
  switch (schedule) {
    case 'cosine':
      return cosineSchedule(learningRate, perEpoch * epochs)
    case 'step':
      return stepSchedule(
        learningRate,
        [150, 300, 600].map((epoch) => epoch * perEpoch),
      )
    case 'constant':
      return constantSchedule(learningRate)
  }
}
