import type {Distiller, Pair} from '@abd/core'
import {batchOfPass, concatImages, sampleBatches, takeImages, toTensor} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Random} from '@abd/core/engine'
import {cosineSchedule, sgd} from '@abd/core/math'
import {
  augment,
  createMatcher,
  resumableNumber,
  resumableOptimiser,
  resumables,
  studentCourse,
} from '@abd/core/train'
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

/**
 * An epoch synthesises images, adds them to the pool of all epochs' images, in which `initial` ones are from the start, and
 * teaches the student with that:
 *   T² / N · KL(softmax(T(x) / τ) ‖ softmax(S(x) / τ))   by SGD with momentum, x shifted and mirrored
 * The pool is of bytes, in memory, where the reference implementation has files, so that no other run's get in. Owns
 * the synthesis.
 */
export function distilFromPool(
  {teacher, student, defence}: Pair,
  options: PoolOptions,
  synthesis: Synthesis,
  random: Random,
  initial?: () => Promise<Images>,
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
  /** The initial images first, then the epochs'. */
  let pool: Images | undefined
  let given = 0

  /** A function of the seed, the step and the pool. */
  const batchAt = (images: Images, epoch: number, step: number): Images => {
    const {count} = images
    const draw = random.fork('student').fork(epoch)
    const pass = {count, size: options.batch, perPass: Math.ceil(count / options.batch)}
    const which = batchOfPass(step, pass, draw.fork('order'))
    return augment(images, which, options, draw.fork('batch').fork(step))
  }

  return {
    get steps() {
      return course.steps
    },
    beginStage: (stage) => {
      course.beginStage(stage)
      if (!options.freshStage || stage.within) return
      const areMade = stage.from % perEpoch > options.synthesisSteps
      synthesis.forget?.(!areMade)
      pool = pool && withoutBetween(pool, given, areMade ? options.synthesisBatch : 0)
    },
    ...(initial && {
      async prepare() {
        // They are in a checkpoint, too.
        if (given > 0) return
        pool = await initial()
        given = pool.count
      },
    }),
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
      given:
        initial &&
        resumableNumber(
          () => given,
          (count) => (given = count),
        ),
    }),
    // What it synthesises: that is what a vaccine is verified on, and what nobody has seen.
    sample: (count) =>
      sampleBatches(count, () =>
        pool && pool.count > given ? withoutBetween(pool, 0, pool.count - given)! : harvest(synthesis.draw()),
      ),
    [Symbol.dispose]() {
      optimiser[Symbol.dispose]()
      synthesis[Symbol.dispose]()
    },
  }
}

/** So many at the beginning and so many at the end; undefined where that is none. */
function withoutBetween(images: Images, first: number, last: number): Images | undefined {
  const which = Array.from({length: images.count}, (_, i) => i)
  const kept = which.filter((i) => i < first || i >= images.count - last)
  return kept.length > 0 ? takeImages(images, kept) : undefined
}
