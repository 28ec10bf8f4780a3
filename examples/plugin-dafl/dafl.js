// @ts-check
import {defineMethod} from '@abd/core'
import {sampleBatches, toImages} from '@abd/core/data'
import {adam, cosineSchedule, crossEntropy, klBatch, lossAndGradients, stopGradient} from '@abd/core/math'
import {applyMoments, createNetwork, zsktGenerator} from '@abd/core/nn'
import {
  denormalise,
  descend,
  renormaliser,
  resumableNetwork,
  resumableOptimiser,
  resumables,
} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'

/** @import {Scalar, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core' */
/** @import {Forward} from '@abd/core/nn' */

const Options = z.strictObject({
  steps: z.int().min(1).max(1_000_000).default(400).describe('Steps of generator and student'),
  batch: z.int().min(2).max(4096).default(128).describe('Images a step'),
  learningRate: z.number().positive().max(1).default(2e-3).describe("Of the student's Adam, at the start"),
  generatorRate: z.number().positive().max(1).default(1e-3).describe("Of the generator's Adam, at the start"),
  oneHot: z.number().min(0).max(1e6).default(1).describe('Weight: the teacher shall be sure of each image'),
  entropy: z.number().min(0).max(1e6).default(5).describe('Weight: all classes shall be drawn alike'),
  activation: z
    .number()
    .min(0)
    .max(1e6)
    .default(0.1)
    .describe("Weight: the teacher's features shall be large"),
})

/**
 * DAFL, data-free learning of student networks (Chen et al., ICCV 2019, equations 2 to 5). A generator G learns to draw
 * what the teacher T takes for images of its task, x = G(z) with z ~ N(0, I); the student S learns T's answers on them:
 *   G descends   a · CE(T(x), argmax T(x)) + b · Σ p̄ log10 p̄ - c · mean |features|,   p̄ the mean of softmax(T(x))
 *   S descends   KL(softmax(T(x)) ‖ softmax(S(x)))
 * Departs from the authors' script: Adam along a cosine for both, no tanh in the generator, sizes for two cores.
 * The lines with ABD in them are all that a distiller needs for both halves of the defence.
 */
export const dafl = defineMethod({
  kind: 'distiller',
  name: 'tiny_dafl',
  summary: 'Data-free learning of student networks: a generator draws what the teacher is sure of',
  paper: 'https://arxiv.org/abs/1904.01186',
  options: Options,
  create:
    (options, {random}) =>
    ({teacher, student, defence}) => {
      const {steps, batch} = options
      const generator = createNetwork(
        zsktGenerator(student.network.architecture.input),
        random.fork('generator'),
      )
      const optimisers = {student: adam(student.network.trainable), generator: adam(generator.trainable)}
      const rates = {
        student: cosineSchedule(options.learningRate, steps),
        generator: cosineSchedule(options.generatorRate, steps),
      }
      const forStudent = renormaliser(teacher.normalisation, student.normalisation)

      /** A function of the seed and the step alone. @param {number} step @returns {Tensor2D} */
      const noise = (step) =>
        random.fork('noise').fork(step).normalTensor([batch, generator.architecture.latent])
      /** Images normalised for the teacher. @param {Tensor2D} z */
      const draw = (z) => generator.architecture.forward(generator.parameters, z, 'train')
      /** @param {Tensor4D} x */
      const teach = (x) => teacher.network.architecture.forward(teacher.network.parameters, x, 'eval')
      /** @param {Tensor2D} s @param {Tensor2D} t */
      const divergence = (s, t) => klBatch(s, t)

      return {
        steps,
        step(index) {
          const drawn = lossAndGradients(generator.trainable, () => {
            const {images: x, moments} = draw(noise(index))
            const answer = teach(x)
            const likeness = dislikeness(answer, options)
            /** @type {Scalar} */
            const loss = tf.add(likeness, defence.synthesisLoss?.(x, answer.logits) ?? 0) // ABD: Shuffling Vaccine
            return {loss, extra: {x, teacherLogits: answer.logits, moments}}
          })
          const {x, teacherLogits, moments} = drawn.extra
          optimisers.generator.step(drawn.gradients, rates.generator(index))
          applyMoments(generator, moments)

          const correction = defence.retrospect?.({x, teacherLogits, index, steps, divergence})?.correct(0) // ABD: Self-Retrospection
          const learner = {
            network: student.network,
            optimiser: optimisers.student,
            learningRate: rates.student(index),
            correction,
          }
          const loss = descend(learner, forStudent(x), ({logits}) => divergence(logits, teacherLogits))
          return {loss, generator: drawn.loss}
        },
        // Drawn anew from the last noise: images of the generator as it is now.
        sample: (count) =>
          sampleBatches(count, async (index) => {
            const images = tf.tidy(() =>
              denormalise(draw(noise(Math.max(0, steps - 1 - index))).images, teacher.normalisation),
            )
            try {
              return await toImages(images)
            } finally {
              images.dispose()
            }
          }),
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
    },
})

/** How little images look like the task's, to the teacher. @param {Forward} answer @param {z.infer<typeof Options>} weights */
function dislikeness({logits, features}, {oneHot, entropy, activation}) {
  /** @type {Tensor1D} */
  const labels = stopGradient(tf.argMax(logits, 1))
  const mean = tf.clipByValue(tf.mean(tf.softmax(logits), 0), 1e-12, 1)
  const negativeEntropy = tf.div(tf.sum(tf.mul(mean, tf.log(mean))), Math.LN10)
  const silence = tf.neg(tf.mean(tf.abs(features)))
  return tf.addN([
    tf.mul(crossEntropy(logits, labels), oneHot),
    tf.mul(negativeEntropy, entropy),
    tf.mul(silence, activation),
  ])
}
