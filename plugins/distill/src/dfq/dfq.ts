import {defineMethod} from '@abd/core'
import {classBalanceLoss, klBatch, oneHotLoss} from '@abd/core/math'
import * as tf from '@tensorflow/tfjs-core'
import {distilFromGenerator} from '../generative/distil-from-generator.ts'
import {checkWeights} from '../inversion/weighed-sum.ts'
import {klLesson} from '../student/kl-lesson.ts'
import {DfqOptions} from './options.ts'
import {cmiMetricNames} from '../student/cmi-metric-names.ts'

/**
 * Adversarial distillation as data-free quantisation has it (DFQ, Choi et al., 2020), for a student of any kind: a
 * generator draws what student and teacher disagree on, held near the teacher's data. Its loss is
 *   -adversarial · KL(softmax(t) ‖ softmax(S(x))) + inversion · Σ_l r_l + oneHot · CE(t, argmax t) + balance · Σ p̄ ln p̄
 * with t = T(x), KL in the mean over the batch and a gradient through both of its sides, and the turns and means of the
 * code around CMI (see distil-from-generator.ts); the student descends on τ² / N · KL(softmax(t / τ) ‖ softmax(S(x) / τ)).
 * Departs from the paper, as that code does, in r_l, distances of mean and variance (`inversionLoss`) where it has KL
 * between Gaussians, in the class that is largest where its instance entropy has all, and in one generator and one student;
 * from the code in that τ can be chosen, which it is told and does not heed, and that a class which nothing falls on gives
 * no NaN. Throws E_WEIGHTS where all weights are 0.
 */
export const dfq = defineMethod({
  kind: 'distiller',
  name: 'dfq',
  summary: 'Adversarial distillation: a generator draws what both disagree on, near the teacher’s statistics',
  paper: 'https://arxiv.org/abs/2005.04136',
  options: DfqOptions,
  metricNames: cmiMetricNames,
  create: (options, {random}) => {
    const {adversarial, inversion, oneHot, balance, temperature} = options
    checkWeights({adversarial, inversion, oneHot, balance})
    return (pair) =>
      distilFromGenerator(
        pair,
        options,
        {
          latent: 256,
          inversion: inversion > 0,
          terms: (look, student) => [
            [adversarial, () => tf.neg(klBatch(student(), look.logits))],
            [inversion, () => look.inversion()],
            [oneHot, () => oneHotLoss(look.logits)],
            [balance, () => classBalanceLoss(look.logits)],
          ],
          lesson: klLesson(temperature, pair.teacher.network.architecture.classes),
        },
        random,
      )
  },
})
