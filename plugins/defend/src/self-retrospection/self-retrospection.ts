import {defineMethod} from '@abd/core'
import type {Correction} from '@abd/core'
import type {Random} from '@abd/core/engine'
import {hypergradient, lossAndGradients, stopGradient} from '@abd/core/math'
import type {Parameters} from '@abd/core/nn'
import {renormaliser} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor2D, Tensor3D, Tensor4D} from '@tensorflow/tfjs-core'
import {ascendPerturbation, findPerturbation, resisted} from './find-perturbation.ts'
import {SelfRetrospectionOptions} from './options.ts'

/** Of ‖δ‖² in L_in. */
const INNER_PENALTY = 1e-3
/** Of what is unlearnt where δ is taken as it is. */
const UNLEARNING = 0.5

/**
 * Self-Retrospection of ABD (Hong et al., ICML 2023, section 4.2): the student looks for what would move its own answers
 * and unlearns it. δ, one perturbation for all images, is found by ascending KL(M(x) ‖ M(x + δ)), M the teacher or the
 * student; then the gradient of
 *   L_out(δ, θ) = KL(S(x) ‖ S(x + Π δ)),   Π: on a few rows of the batch
 * joins that of the distillation loss, as a hypergradient: δ is taken for the fixed point of gradient steps down
 *   L_in(δ, θ) = -KL(S(x) ‖ S(x + δ)) + 0.001 ‖δ‖²
 * Without `hypergradient`, half of KL(S(x) ‖ S(x + δ)) is descended on with δ as it is.
 * Departs from the reference implementation: it sets in within a run and keeps the distiller's optimiser and schedule
 * unless `learningRate` says otherwise, where there a finished run is resumed with an optimiser and a cosine of its own;
 * KL has the distiller's own units, where its OOD distillation weighs this part 640 times heavier than its own loss; δ starts from noise, where a start from 0 has
 * a gradient that only rounding keeps from being 0; at least one row is perturbed, where below 50 images it perturbs none;
 * nothing is evaluated again after a step, for its log, with one or two more updates of the running statistics (with
 * ZSKT two, which `logsAfter` gives back). Found on the teacher, δ is found once for all the student's steps on a batch, which gives the same.
 */
export const selfRetrospection = defineMethod({
  kind: 'defence',
  name: 'self_retrospection',
  summary: 'Self-Retrospection (ABD): the student finds and unlearns what moves its answers',
  paper: 'https://arxiv.org/abs/2306.02368',
  options: SelfRetrospectionOptions,
  create:
    (options, {random}) =>
    ({teacher, student}) => {
      const {network} = student
      const forStudent = renormaliser(teacher.normalisation, student.normalisation)
      const answer = (x: Tensor4D) => network.architecture.forward(network.parameters, forStudent(x), 'train')
      const teach = (x: Tensor4D): Tensor2D =>
        teacher.network.architecture.forward(teacher.network.parameters, x, 'eval').logits

      const firstOf = (steps: number) => Math.min(Math.floor(options.start * steps), steps - 1)
      const {learningRate} = options

      return {
        ...(learningRate > 0 && {ownOptimiser: (steps: number) => ({from: firstOf(steps), learningRate})}),
        retrospect({x, teacherLogits: t, index, steps, divergence}) {
          if (index < firstOf(steps)) return undefined
          const draw = random.fork(index)
          const start: Tensor3D = draw
            .fork('perturbation')
            .normalTensor<Tensor3D>(x.shape.slice(1), 0, options.noise)
          const ofTeacher =
            options.hypergradient && options.from === 'teacher'
              ? findPerturbation(
                  start,
                  (delta) => ({loss: divergence(teach(tf.add(x, delta)), t), extra: []}),
                  options,
                ).delta
              : undefined

          const correct = (step: number): Correction => {
            const clean = answer(x)
            const target = stopGradient(clean.logits)
            /** The divergence at x + δ from a target, and the running statistics that this pass leaves. */
            const moved = (delta: Tensor3D | Tensor4D, from: Tensor2D) => {
              const {logits, moments} = answer(tf.add(x, delta))
              return {loss: divergence(logits, from), extra: moments}
            }
            const afterClean = (passes: readonly Parameters[]) =>
              passes.flatMap((moments) => [clean.moments, moments])

            if (!options.hypergradient) {
              const {delta, extras} = ascendPerturbation(start, (d) => moved(d, target), options.rounds)
              const {loss, gradients, extra} = lossAndGradients(network.trainable, () => {
                const {loss: apart, extra} = moved(delta, answer(x).logits)
                return {loss: tf.mul<Scalar>(apart, UNLEARNING), extra}
              })
              return {loss, gradients, moments: afterClean([...extras, extra]), clipped: true}
            }

            const ofStudent = ofTeacher
              ? undefined
              : findPerturbation(start, (d) => moved(d, target), options)
            const delta = ofTeacher ?? ofStudent!.delta
            const some = (stream: string) =>
              chosenRows(x.shape[0], options.share, draw.fork(stream).fork(step))
            const rows = some('rows')
            const {loss, gradients, extra} = hypergradient(
              {
                delta,
                variables: network.trainable,
                inner: (delta) => resisted(delta, moved(delta, target), INNER_PENALTY),
                outer: (delta) => moved(tf.mul(rows, delta), options.fixedTarget ? target : answer(x).logits),
              },
              {curvature: options.curvature},
            )
            return {
              loss,
              gradients,
              moments: afterClean([...(ofStudent?.extras ?? []), extra.outer, extra.inner]),
              clipped: false,
              ...(options.logsAfter && {
                afterStep() {
                  const {logits, moments} = answer(x)
                  const again = moved(tf.mul(some('rows of the log'), delta), logits)
                  return {loss: again.loss, moments: [moments, again.extra]}
                },
              }),
            }
          }
          return {held: [ofTeacher ?? start], correct}
        },
      }
    },
})

/** Ones for a share of the rows, one at least, and zeros for the others. [B, 1, 1, 1] */
function chosenRows(batch: number, share: number, draw: Random): Tensor4D {
  const rows = new Float32Array(batch)
  for (const row of draw.permutation(batch).subarray(0, Math.max(1, Math.floor(share * batch)))) rows[row] = 1
  return tf.tensor4d(rows, [batch, 1, 1, 1])
}
