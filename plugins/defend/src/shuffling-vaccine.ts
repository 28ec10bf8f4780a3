import {defineMethod} from '@abd/core'
import {agreement, vaccineLoss} from '@abd/core/math'
import {createShuffledEnsemble} from '@abd/core/nn'
import {z} from 'zod'

/**
 * The Shuffling Vaccine of ABD (Hong et al., ICML 2023, section 4.1). T̃ is the mean of a few copies of the teacher T with
 * the input channels of the last convolutions permuted: knowledge of the task falls apart, a backdoor's answer survives.
 * What T and T̃ agree on is suspicious:
 *   m = [argmax T̃(x) = argmax T(x)],   d = KL(T(x) ‖ T̃(x)) / C at temperature 1
 * - where images are synthesised, R(x) = -coefficient · Σ m d / Σ m joins the generator's loss;
 * - where images are given (OOD), rows with m = 1 are climbed on with the weight `ascent` instead of descended.
 * Layers are chosen by their kind, where the reference implementation looks for "conv" in their names and finds none in
 * a VGG; for a wide ResNet they are the same. d is divided by C as there, so the strength depends on the number of
 * classes. `ascent` is the coefficient there, 0.1: with few steps at a high learning rate that climbs without bound and
 * costs the student its accuracy, so its default is smaller here.
 */
export const shufflingVaccine = defineMethod({
  kind: 'defence',
  name: 'shuffling_vaccine',
  summary: 'Shuffling Vaccine (ABD): suspects what survives a shuffling of the teacher’s last layers',
  paper: 'https://arxiv.org/abs/2306.02368',
  options: z.strictObject({
    copies: z.int().min(1).max(10).default(3).describe('Shuffled copies of the teacher'),
    layers: z
      .int()
      .min(-100)
      .max(100)
      .default(5)
      .describe('Last convolutions to shuffle; negative: first ones'),
    coefficient: z.number().min(0).max(100).default(0.1).describe("Weight of R(x) in a generator's loss"),
    ascent: z
      .number()
      .min(0)
      .max(100)
      .default(0.02)
      .describe('Weight with which suspicious ones of given images are climbed on; 0.1 in the reference'),
  }),
  create:
    ({coefficient, ascent, ...options}, {random}) =>
    ({teacher}) => {
      const ensemble = createShuffledEnsemble(teacher.network, options, random.fork('shuffle'))
      return {
        synthesisLoss: (x, t) => vaccineLoss(t, ensemble.logits(x), coefficient),
        suspects: (x, t) => ({mask: agreement(t, ensemble.logits(x)), coefficient: ascent}),
        [Symbol.dispose]: () => ensemble[Symbol.dispose](),
      }
    },
})
