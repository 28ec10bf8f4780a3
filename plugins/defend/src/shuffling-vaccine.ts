import {defineMethod} from '@abd/core'
import {agreement, vaccineLoss, withoutGradient} from '@abd/core/math'
import type {Random} from '@abd/core/engine'
import {createShuffledEnsemble, lastConvolutions} from '@abd/core/nn'
import type {ShuffledEnsemble} from '@abd/core/nn'
import {resumableNumber} from '@abd/core/train'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import {verifyVaccine} from './verify-vaccine.ts'
import {z} from 'zod'

/**
 * The Shuffling Vaccine of ABD (Hong et al., ICML 2023, section 4.1). T̃ is the mean of a few copies of the teacher T with
 * the input channels of the last convolutions permuted: knowledge of the task falls apart, a backdoor's answer survives.
 * What T and T̃ agree on is suspicious:
 *   m = [argmax T̃(x) = argmax T(x)],   d = KL(T(x) ‖ T̃(x)) / C at temperature 1
 * - where images are synthesised, R(x) = -coefficient · Σ m d / Σ m joins the generator's loss;
 *   whose gradient flows through T and T̃, or with `fixedEnsemble` through T alone;
 * - where images are given (OOD), rows with m = 1 are climbed on with the weight `ascent` instead of descended.
 * Layers are chosen by their kind, where the reference implementation looks for "conv" in their names and finds none in
 * a VGG; for a wide ResNet they are the same. d is divided by C as there, so the strength depends on the number of
 * classes. `ascent` is the coefficient there, 0.1: with few steps at a high learning rate that climbs without bound and
 * costs the student its accuracy, so its default is smaller here.
 * Verified (`verifyAt`), it is off until an ensemble has a heavy tail of images on which it hardly diverges, and for good
 * where eight have none. The images are what the distiller teaches with at that step, where the reference implementation
 * collects those of the steps before, each eleven times. In a stage after the run it is as the run left it, where there
 * CMI's begins unverified and ZSKT's is off (`inStage` gives that back).
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
    fixedEnsemble: z
      .boolean()
      .default(false)
      .describe(
        "R(x)'s gradient flows through the teacher's own answers alone, those of the copies are constants; the reference's no_shuf_grad",
      ),
    ascent: z
      .number()
      .min(0)
      .max(100)
      .default(0.02)
      .describe('Weight with which suspicious ones of given images are climbed on; 0.1 in the reference'),
    verifyAt: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .describe(
        'Step before which it is verified, and until which it is off; 0: on from the start, unverified',
      ),
    inStage: z
      .enum(['kept', 'anew', 'off'])
      .default('kept')
      .describe(
        'In a stage after the run: as that left it; anew: verified anew, so many steps on; off. In the reference anew with CMI, off with ZSKT',
      ),
    verifyOn: z.int().min(100).max(100_000).default(2048).describe('Images to verify it on'),
  }),
  create:
    ({coefficient, fixedEnsemble, ascent, verifyAt, verifyOn, inStage, ...options}, {random}) =>
    ({teacher}) => {
      const shuffle = (draw: Random) => createShuffledEnsemble(teacher.network, options, draw)
      const reshuffle = (trial: number) => shuffle(random.fork('reshuffle').fork(trial))
      let ensemble: ShuffledEnsemble | null = shuffle(random.fork('shuffle'))
      /** Which shuffle the verification chose, from 1; 0 before it, -1 where it chose none. */
      let chosen = 0
      /** The first step of a stage after the run, once there is one. */
      let stage: number | undefined
      const answers = (shuffled: ShuffledEnsemble, x: Tensor4D, t: Tensor2D): Tensor2D =>
        fixedEnsemble ? withoutGradient(() => shuffled.logits(x, t)) : shuffled.logits(x, t)
      const isOff = () => stage !== undefined && inStage === 'off'
      const isOn = () => !isOff() && (verifyAt === 0 || chosen > 0)
      const verifiedBefore = () => (inStage === 'anew' && stage !== undefined ? stage : 0) + verifyAt
      return {
        synthesisLoss: (x, t) =>
          isOn() && ensemble ? vaccineLoss(t, answers(ensemble, x, t), coefficient) : undefined,
        suspects: (x, t) =>
          isOn() && ensemble ? {mask: agreement(t, ensemble.logits(x, t)), coefficient: ascent} : undefined,
        async beforeStep(index, sample) {
          if (index === 0 && lastConvolutions(teacher.network.architecture, options.layers).length === 0)
            return ['The Shuffling Vaccine is OFF: it shuffles no layer, and so suspects everything alike.']
          if (isOff()) return index === stage ? ['The Shuffling Vaccine is OFF in this stage.'] : []
          if (verifyAt === 0 || index !== verifiedBefore() || chosen !== 0 || !ensemble) return []
          const {ensemble: found, tails} = await verifyVaccine(teacher, await sample(verifyOn), {
            first: ensemble,
            shuffle: reshuffle,
          })
          ensemble = found
          chosen = found ? tails.length : -1
          const tail = `${(100 * Math.max(...tails)).toFixed(1)} %`
          return [
            found
              ? `The Shuffling Vaccine is on from step ${index}: shuffle ${tails.length} has a tail of ${tail}.`
              : `The Shuffling Vaccine is OFF from step ${index} on: of ${tails.length} shuffles none has a tail above 2 %, the heaviest is ${tail}.`,
          ]
        },
        beginStage(from) {
          stage = from
          if (inStage !== 'anew') return
          chosen = 0
          ensemble?.[Symbol.dispose]()
          ensemble = shuffle(random.fork('shuffle'))
        },
        state: resumableNumber(
          () => chosen,
          (trial) => {
            chosen = trial
            // Before the verification, and where it chose the first, that is the shuffle there is.
            if (trial === 0 || trial === 1) return
            ensemble?.[Symbol.dispose]()
            ensemble = trial > 1 ? reshuffle(trial - 1) : null
          },
        ),
        [Symbol.dispose]: () => ensemble?.[Symbol.dispose](),
      }
    },
})
