import {defineMethod, usageError} from '@abd/core'
import type {Correction, Losses} from '@abd/core'
import {steady} from '@abd/core/engine'
import {
  adam,
  attentionLoss,
  attentionMap,
  clipByGlobalNorm,
  cosineSchedule,
  klMean,
  lossAndGradients,
  scalars,
} from '@abd/core/math'
import {applyMoments, createNetwork, repeatMoments, zsktGenerator} from '@abd/core/nn'
import type {Network} from '@abd/core/nn'
import {
  denormalise,
  createDescent,
  lossAfter,
  renormaliser,
  resumableNetwork,
  resumableOptimiser,
  resumables,
  resumableVariables,
  studentCourse,
} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D, Tensor4D, TensorContainer} from '@tensorflow/tfjs-core'
import {sampleDrawn} from '../generative/sample-drawn.ts'
import {ZsktOptions} from './options.ts'

/**
 * Zero-shot knowledge transfer (Micaelli and Storkey, 2019): a generator G looks for images on which student and
 * teacher disagree, the student learns to agree. A cycle draws one z ~ N(0, I) and takes, where nothing else is set,
 *   one step of G down    -KL(T(x) ‖ S(x)) + R(x),   x = G(z)                       (R: the defence's)
 *   ten steps of S down    KL(T(x) ‖ S(x)) + β Σ attention,   x = G(z), G as it is now
 * with KL in the mean over N · C, both by Adam with clipped gradients along a cosine over cycles.
 * The same numbers as the reference implementation's, faster: x and T(x) do not change over the ten steps and are
 * computed once; the running statistics of G are brought to where as many passes would have brought them. Taken up again
 * it goes on with the next cycle, where there the last one is taken twice (`repeats` gives that back).
 */
export const zskt = defineMethod({
  kind: 'distiller',
  name: 'zskt',
  summary: 'Zero-shot knowledge transfer: a generator draws what student and teacher disagree on',
  paper: 'https://arxiv.org/abs/1905.09768',
  options: ZsktOptions,
  metricNames: {
    accuracy: 'Eval/test_acc',
    asr: 'Eval/test_poi_acc',
    teacherAccuracy: 'Eval/teacher_test_acc',
    teacherAsr: 'Eval/teacher_test_poi_acc',
    losses: {
      loss: 'TRAIN_PSEUDO/student_total_loss',
      generator: 'TRAIN_PSEUDO/generator_total_loss',
    },
  },
  create:
    (options, {random}) =>
    ({teacher, student, defence}) => {
      const {network} = student
      const {cycles, batch, temperature, clip, generatorSteps} = options
      if (options.attention > 0) checkAttention(teacher.network, network)
      const generator = createNetwork(zsktGenerator(network.architecture.input), random.fork('generator'))
      const optimisers = {student: adam(network.trainable), generator: adam(generator.trainable)}
      const course = studentCourse({
        optimiser: optimisers.student,
        steps: cycles,
        rate: cosineSchedule(options.learningRate, cycles),
      })
      const generatorRate = cosineSchedule(options.generatorRate, cycles)
      /** The generator's last loss: of the cycle that a run may be left in the middle of. */
      const synthesis = tf.tidy(() => tf.variable(tf.scalar(0), false))
      const latents = (stream: string | number, count: number): Tensor2D =>
        random.fork('latents').fork(stream).normalTensor([count, generator.architecture.latent])
      const draw = (z: Tensor2D) => generator.architecture.forward(generator.parameters, z, 'train')
      const teach = (x: Tensor4D) =>
        teacher.network.architecture.forward(teacher.network.parameters, x, 'eval')
      const forStudent = renormaliser(teacher.normalisation, student.normalisation)

      const divergence = (s: Tensor2D, t: Tensor2D) => klMean(s, t, temperature)

      const generatorWork = ({z, numbers}: {z: Tensor2D; numbers: Scalar[]}): Scalar => {
        const {loss, gradients, extra} = lossAndGradients(generator.trainable, () => {
          const {images, moments} = draw(z)
          const s = network.architecture.forward(network.parameters, forStudent(images), 'train')
          const t = teach(images).logits
          const disagreement: Scalar = tf.neg(divergence(s.logits, t))
          const resistance = defence.synthesisLoss?.(images, t)
          return {
            loss: resistance ? tf.add<Scalar>(disagreement, resistance) : disagreement,
            extra: [moments, s.moments] as const,
          }
        })
        optimisers.generator.change(clipByGlobalNorm(gradients, clip), numbers)
        applyMoments(generator, extra[0])
        applyMoments(network, extra[1])
        return loss
      }
      // A defence may do otherwise each time.
      const generatorChange = defence.synthesisLoss ? generatorWork : steady(generatorWork)
      const generatorStep = (z: Tensor2D, learningRate: number): Scalar =>
        generatorChange({
          z,
          numbers: scalars(optimisers.generator.next(learningRate)),
        })

      /** What the student learns from in a cycle; of the passes that it takes nothing else stays in memory. */
      const lessonWork = (z: Tensor2D, isNew: boolean) => {
        const {images, moments} = draw(z)
        if (isNew) applyMoments(generator, repeatMoments(generator.parameters, moments, options.studentSteps))
        const {logits, activations} = teach(images)
        const maps = options.attention > 0 ? activations.map(attentionMap) : []
        return {images, x: forStudent(images), logits, maps}
      }
      const newLesson = steady((z: Tensor2D) => lessonWork(z, true))
      const oldLesson = steady((z: Tensor2D) => lessonWork(z, false))

      const descent = createDescent<{t: Tensor2D; maps: Tensor2D[]}>(
        {network, optimiser: optimisers.student, clip},
        ({logits, activations}, {t, maps}) => {
          const kl = divergence(logits, t)
          return maps.length > 0
            ? tf.add(kl, tf.mul(attentionLoss(activations, maps), options.attention))
            : kl
        },
      )
      const studentStep = (
        {x, logits: t, maps}: ReturnType<typeof lessonWork>,
        learningRate: number,
        correction: Correction | undefined,
      ): Losses => {
        const loss = descent(x, {t, maps}, {learningRate, correction})
        return {loss, ...(correction ? {retrospection: lossAfter(network, correction)} : {})}
      }

      /** A cycle: the generator's steps, then the student's, each a part. */
      function* parts(cycle: number, done: number): Generator<void, Losses> {
        const lent: TensorContainer[] = []
        const lend = <T>(make: () => T): T => {
          const made = tf.tidy(make as () => TensorContainer)
          lent.push(made)
          return made as T
        }
        try {
          const z = lend(() => latents(cycle, batch))
          for (let i = done; i < generatorSteps; i++) {
            tf.tidy(() => synthesis.assign(generatorStep(z, generatorRate(Math.min(cycle, cycles)))))
            yield
          }
          const lesson = lend(() => (done <= generatorSteps ? newLesson(z) : oldLesson(z)))
          const {images, logits} = lesson
          const {steps} = course
          const batchOf = {x: images, teacherLogits: logits, index: cycle, steps, divergence}
          const look = lend(() => defence.retrospect?.(batchOf))
          for (let i = Math.max(0, done - generatorSteps); ; i++) {
            const losses = lend(() => studentStep(lesson, course.rate(cycle), look?.correct(i)))
            if (i < options.studentSteps - 1) yield
            else
              return tf.tidy(() => ({...copied(losses), generator: tf.clone(synthesis as unknown as Scalar)}))
          }
        } finally {
          tf.dispose(lent)
        }
      }

      return {
        get steps() {
          return course.steps
        },
        step: (cycle) => atOnce(parts(cycle, 0)),
        parts,
        repeats: options.repeats,
        beginStage: (stage) => {
          course.beginStage(stage)
        },
        // The generator moves no more after its last step: these are the last cycle's images.
        sample: (count) =>
          sampleDrawn(count, (index) =>
            denormalise(
              draw(latents(Math.max(0, course.steps - 1 - index), batch)).images,
              teacher.normalisation,
            ),
          ),
        state: resumables({
          generator: resumableNetwork(generator),
          optimiser: resumableOptimiser(optimisers.student),
          generatorOptimiser: resumableOptimiser(optimisers.generator),
          losses: resumableVariables({synthesis}),
        }),
        [Symbol.dispose]() {
          generator[Symbol.dispose]()
          optimisers.student[Symbol.dispose]()
          optimisers.generator[Symbol.dispose]()
          synthesis.dispose()
        },
      }
    },
})

/** The losses, which outlive the cycle. */
const copied = (losses: Losses): Losses =>
  Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, tf.clone(loss)]))

function atOnce<R>(parts: Generator<void, R>): R {
  for (;;) {
    const part = parts.next()
    if (part.done) return part.value
  }
}

/** Attention is compared place by place. Throws E_ATTENTION where two networks have not as many activations, as large. */
function checkAttention(teacher: Network, student: Network): void {
  const sizes = ({architecture, parameters}: Network) =>
    tf.tidy(() =>
      architecture
        .forward(parameters, tf.zeros([1, ...architecture.input]), 'eval')
        .activations.map(({shape}) => `${shape[1]} x ${shape[2]}`)
        .join(', '),
    )
  const [ofTeacher, ofStudent] = [sizes(teacher), sizes(student)]
  if (ofTeacher === ofStudent) return
  throw usageError({
    code: 'E_ATTENTION',
    message: `The attention of a ${student.architecture.name} (${ofStudent || 'none'}) does not compare with a ${teacher.architecture.name}'s (${ofTeacher || 'none'}).`,
    hints: ['Do without: --set attention=0.', "Or take a student of the teacher's family with --student."],
  })
}
