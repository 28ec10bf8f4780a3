import {defineMethod} from '@abd/core'
import {activationLoss, classBalanceLoss, oneHotLoss} from '@abd/core/math'
import {distilFromGenerator} from '../generative/distil-from-generator.ts'
import {checkWeights} from '../inversion/weighed-sum.ts'
import {klLesson} from '../student/kl-lesson.ts'
import {DaflOptions} from './options.ts'
import {cmiMetricNames} from '../student/cmi-metric-names.ts'

/**
 * Data-free learning (DAFL, Chen et al., 2019): a generator draws what the teacher is sure of, excited by, and says each
 * class of as often. Its loss is the paper's L_oh + α L_a + β L_ie,
 *   oneHot · CE(t, argmax t) + activation · (-mean |f|) + balance · Σ p̄ ln p̄,   t = T(x), f its last layer's input
 * with the weights, the means and the turns of the code around CMI (see distil-from-generator.ts), and the student
 * descends on τ² / N · KL(softmax(t / τ) ‖ softmax(S(x) / τ)). Departs from the paper, as that code does, in five steps of
 * the student to one of the generator, each on images of its own; from the code in that τ can be chosen, which it is told
 * and does not heed, and that a class which nothing falls on gives no NaN. Throws E_WEIGHTS where all weights are 0.
 */
export const dafl = defineMethod({
  kind: 'distiller',
  name: 'dafl',
  summary: 'Data-free learning: a generator draws what makes the teacher sure, of each class as much',
  paper: 'https://arxiv.org/abs/1904.01186',
  options: DaflOptions,
  metricNames: cmiMetricNames,
  create: (options, {random}) => {
    const {oneHot, activation, balance, temperature} = options
    checkWeights({oneHot, activation, balance})
    return (pair) =>
      distilFromGenerator(
        pair,
        options,
        {
          latent: 512,
          terms: ({logits, features}) => [
            [oneHot, () => oneHotLoss(logits)],
            [activation, () => activationLoss(features)],
            [balance, () => classBalanceLoss(logits)],
          ],
          lesson: klLesson(temperature, pair.teacher.network.architecture.classes),
        },
        random,
      )
  },
})
