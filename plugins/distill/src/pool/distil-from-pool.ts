import type {Distiller, Pair} from '@abd/core'
import {batchOfPass, concatImages, sampleBatches, takeImages, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Random} from '@abd/core/engine'
import {cosineSchedule, sgd} from '@abd/core/math'
import {augment, createMatcher, resumableOptimiser, resumables, studentCourse} from '@abd/core/train'
import type {z} from 'zod'
import {forStudent} from '../student/for-student.ts'
import {klLesson} from '../student/kl-lesson.ts'
import {harvest} from './harvest.ts'
import type {poolOptions} from './options.ts'
import {resumableImages} from './resumable-images.ts'
import type {Synthesis} from './synthesis.ts'

/** See `poolOptions`. */
export type PoolOptions = z.infer<z.ZodObject<ReturnType<typeof poolOptions>>> & {
  /** A stage after the run begins without the images of before, but for those of an epoch that the run was left in. */
  readonly freshStage?: boolean
}

const SHIFT = 4

/**
 * An epoch synthesises images, adds them to the pool of all epochs' images, and teaches the student with that:
 *   T² / N · KL(softmax(T(x) / τ) ‖ softmax(S(x) / τ))   by SGD with momentum, x shifted and mirrored
 * The pool is of bytes, in memory, where the reference implementation has files, so that no other run's get in. Owns
 * the synthesis.
 */
export function distilFromPool(
  {teacher, student, defence}: Pair,
  options: PoolOptions,
  synthesis: Synthesis,
  random: Random,
): Distiller {
  const perEpoch = options.synthesisSteps + options.studentSteps
  const optimiser = sgd(student.network.trainable, options)
  const byEpoch = cosineSchedule(options.learningRate, options.epochs)
  const course = studentCourse({
    optimiser,
    steps: options.epochs * perEpoch,
    rate: (index) => byEpoch(Math.floor(index / perEpoch)),
    epoch: perEpoch,
  })
  const match = createMatcher(
    {teacher, student, defence: forStudent(defence)},
    optimiser,
    klLesson(options.temperature, teacher.network.architecture.classes),
  )
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
    get steps() {
      return course.steps
    },
    beginStage: (stage) => {
      course.beginStage(stage)
      if (!options.freshStage) return
      const areMade = stage.from % perEpoch > options.synthesisSteps
      synthesis.forget?.(!areMade)
      pool = areMade && pool ? lastImages(pool, options.synthesisBatch) : undefined
    },
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
      return match({
        images: toTensor(batchAt(pool, epoch, at - options.synthesisSteps)),
        learningRate: course.rate(index),
        index,
        steps: course.steps,
      })
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
}

function lastImages(images: Images, count: number): Images {
  const first = Math.max(0, images.count - count)
  return takeImages(
    images,
    Array.from({length: images.count - first}, (_, i) => first + i),
  )
}
