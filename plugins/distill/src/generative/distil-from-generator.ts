import type {Distiller, Losses, Pair} from '@abd/core'
import {steady} from '@abd/core/engine'
import type {Random} from '@abd/core/engine'
import {adam, cosineSchedule, lossAndGradients, scalars, sgd} from '@abd/core/math'
import {applyMoments, BATCH_NORM_EPSILON, createNetwork, largeGenerator} from '@abd/core/nn'
import {
  createMatcher,
  denormalise,
  normalise,
  resumableNetwork,
  resumableOptimiser,
  resumables,
} from '@abd/core/train'
import type {Lesson} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {z} from 'zod'
import {createLook} from '../inversion/look.ts'
import type {Look} from '../inversion/look.ts'
import {studentLogits} from '../inversion/student-logits.ts'
import {weighedSum} from '../inversion/weighed-sum.ts'
import type {Term} from '../inversion/weighed-sum.ts'
import {forStudent} from '../student/for-student.ts'
import type {generativeOptions} from './options.ts'
import {sampleDrawn} from './sample-drawn.ts'

/** See `generativeOptions`. */
export type GenerativeOptions = z.infer<z.ZodObject<ReturnType<typeof generativeOptions>>>

/** In what methods with a generator differ. */
export interface Recipe {
  /** Length of the generator's noise. */
  readonly latent: number
  /** Does one of the terms ask for `Look.inversion`? */
  readonly inversion?: boolean
  /**
   * Are images standardised a channel over their batch, in place of what the sigmoid's [0, 1] would be for the teacher? The
   * generator then is in train mode for the student's images, too.
   */
  readonly standardised?: boolean
  /** The generator's loss, of what the teacher makes of its images and, where it is asked for, of the student's logits. */
  terms(look: Look, student: () => Tensor2D): readonly Term[]
  /** What the student descends on. */
  readonly lesson: Pick<Lesson, 'elements' | 'weight'>
}

/**
 * A generator G and a student S in turns, G as it was drawn at the start and ever since, z ~ N(0, I) anew for each step.
 * A cycle takes
 *   steps of G down   Σ weight · term + R(x),   x = G(z), G in train mode, S in eval mode   (R: the defence's), by Adam
 *   steps of S down   how far S(x) is from T(x),   x = G(z), G in eval mode, S in train mode,   by SGD with momentum
 * G's running statistics, which its images for S are drawn with, move with each of its own steps and never between; those
 * of S with its own. S's rate is a cosine over epochs of as many cycles, Adam (β₁ 0.5) has a constant one. As in the code
 * around CMI (Fang et al., 2021), where images are normalised for the teacher after the generator's sigmoid.
 */
export function distilFromGenerator(
  pair: Pair,
  options: GenerativeOptions,
  {latent, inversion = false, standardised = false, terms, lesson}: Recipe,
  random: Random,
): Distiller {
  const {teacher, student, defence} = pair
  const {cycles, batch, generatorSteps, studentSteps} = options
  const steps = options.epochs * cycles
  const rate = cosineSchedule(options.learningRate, options.epochs)
  const generator = createNetwork(
    largeGenerator(latent, student.network.architecture.input),
    random.fork('generator'),
  )
  const optimisers = {
    student: sgd(student.network.trainable, options),
    generator: adam(generator.trainable, {beta1: 0.5}),
  }
  const look = createLook(teacher.network, {inversion})
  const ofStudent = studentLogits(pair)
  const match = createMatcher({teacher, student, defence: forStudent(defence)}, optimisers.student, lesson)
  const latents = (whose: 'generator' | 'student', index: number): Tensor2D =>
    random.fork('latents').fork(whose).fork(index).normalTensor([batch, latent])
  const forTeacher = (images: Tensor4D) =>
    standardised ? standardise(images) : normalise(images, teacher.normalisation)
  const draw = (z: Tensor2D): Tensor4D => {
    const {architecture, parameters} = generator
    return standardised
      ? denormalise(standardise(architecture.forward(parameters, z, 'train').images), teacher.normalisation)
      : architecture.forward(parameters, z, 'eval').images
  }

  const generatorWork = ({z, numbers}: {z: Tensor2D; numbers: Scalar[]}): Scalar => {
    const {loss, gradients, extra} = lossAndGradients(generator.trainable, () => {
      const {images, moments} = generator.architecture.forward(generator.parameters, z, 'train')
      const x = forTeacher(images)
      const seen = look(x)
      return {
        loss: weighedSum(
          terms(seen, () => ofStudent(x)),
          defence.synthesisLoss?.(x, seen.logits),
        ),
        extra: moments,
      }
    })
    optimisers.generator.change(gradients, numbers)
    applyMoments(generator, extra)
    return loss
  }
  // A defence may do otherwise each time.
  const generatorChange = defence.synthesisLoss ? generatorWork : steady(generatorWork)
  const generatorStep = (z: Tensor2D): Scalar =>
    generatorChange({z, numbers: scalars(optimisers.generator.next(options.generatorRate))})

  /** The losses of the last of so many steps; of the others nothing stays in memory. */
  const repeat = (count: number, step: (index: number) => Losses): Losses => {
    let losses: Losses = {}
    for (let index = 0; index < count; index++) {
      tf.dispose(losses)
      losses = tf.tidy(() => step(index))
    }
    return losses
  }

  return {
    steps,
    step(cycle) {
      const synthesis = repeat(generatorSteps, (i) => ({
        generator: generatorStep(latents('generator', cycle * generatorSteps + i)),
      }))
      const learningRate = rate(Math.floor(cycle / cycles))
      const teaching = repeat(studentSteps, (i) => {
        const images = tf.tidy(() => draw(latents('student', cycle * studentSteps + i)))
        return match({images, learningRate, index: cycle, steps})
      })
      return {...teaching, ...synthesis}
    },
    // The generator moves no more after its last step: these are the images of the last cycle.
    sample: (count) =>
      sampleDrawn(count, (index) => draw(latents('student', Math.max(0, steps * studentSteps - 1 - index)))),
    state: resumables({
      generator: resumableNetwork(generator),
      optimiser: resumableOptimiser(optimisers.student),
      generatorOptimiser: resumableOptimiser(optimisers.generator),
    }),
    [Symbol.dispose]() {
      generator[Symbol.dispose]()
      optimisers.student[Symbol.dispose]()
      optimisers.generator[Symbol.dispose]()
    },
  }
}

/** (x - mean) / deviation a channel, of the batch itself: PyTorch's BatchNorm without weights, in train mode. */
function standardise(x: Tensor4D): Tensor4D {
  const {mean, variance} = tf.moments(x, [0, 1, 2])
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, BATCH_NORM_EPSILON)))
}
