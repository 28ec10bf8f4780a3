import type {Pair} from '@abd/core'
import {steady} from '@abd/core/engine'
import type {Random} from '@abd/core/engine'
import {adam, crossEntropy, jensenShannon, lossAndGradients, scalars, totalVariation} from '@abd/core/math'
import {denormalise, normalise, resumables, resumableVariables} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor4D, Variable} from '@tensorflow/tfjs-core'
import {createBest} from '../inversion/best.ts'
import {drawClasses} from '../inversion/draw-classes.ts'
import {createLook} from '../inversion/look.ts'
import {renewedOptimiser} from '../inversion/renewed-optimiser.ts'
import {studentLogits} from '../inversion/student-logits.ts'
import {applyView, rolledView} from '../inversion/views.ts'
import type {View} from '../inversion/views.ts'
import {checkWeights, weighedSum} from '../inversion/weighed-sum.ts'
import type {Synthesis} from '../pool/synthesis.ts'
import type {DeepInversionOptions} from './options.ts'

/** Of height and width: how far a batch is rolled at most. */
const JITTER = 1 / 8
const TEMPERATURE = 3

/**
 * Images by DeepInversion (Yin et al., 2020): over the pixels of normalised images v, drawn from N(0, 1) and kept where
 * images in [0, 1] are, with x = v rolled and mirrored, the whole batch alike,
 *   inversion · Σ_l r_l + oneHot · CE(T(x), y) - adversarial · JS₃(S(x), T(x)) + variation · TV(v) + R(x)
 * by Adam (β 0.5, 0.99) at a constant rate, S in eval mode; R is the defence's. The step with the lowest loss gives the
 * images, as they were before it: a copy, where the reference implementation's best is the live tensor and so always the
 * last. As there, no term for the norm of v (α_l2 in the paper), and of R_compete not the constant 1.
 * Throws E_WEIGHTS where all weights are 0.
 */
export function createPixelSynthesis(pair: Pair, options: DeepInversionOptions, random: Random): Synthesis {
  const {teacher, defence} = pair
  const {inversion, oneHot, adversarial, variation, synthesisBatch: batch} = options
  checkWeights({inversion, oneHot, adversarial, variation})
  const {classes, input} = teacher.network.architecture
  const [height, width, channels] = input
  const shape = [batch, ...input]
  const look = createLook(teacher.network, {inversion: inversion > 0})
  const ofStudent = studentLogits(pair)
  const pixels: Variable = tf.tidy(() => tf.variable(tf.zeros(shape)))
  const targets: Variable = tf.tidy(() => tf.variable(tf.zeros([batch], 'int32'), false))
  const best = createBest({images: shape})
  const optimiser = renewedOptimiser(adam([pixels], {beta1: 0.5, beta2: 0.99}))
  const v = pixels as unknown as Tensor4D

  /** To where images in [0, 1] are. */
  const clip = () => {
    const [black, white] = [0, 1].map((value) =>
      normalise(tf.fill<tf.Rank.R4>([1, 1, 1, channels], value), teacher.normalisation),
    )
    pixels.assign(tf.minimum(tf.maximum(pixels, black!), white!))
  }
  const asImages = (x: Tensor4D): Tensor4D =>
    tf.tidy(() => tf.clipByValue(denormalise(x, teacher.normalisation), 0, 1))

  const work = ({view, numbers}: {view: View; numbers: Scalar[]}): Scalar => {
    const {loss, gradients} = lossAndGradients([pixels], () => {
      const x = applyView(v, view)
      const seen = look(x)
      const t = seen.logits
      return weighedSum(
        [
          [inversion, () => seen.inversion()],
          [oneHot, () => crossEntropy(t, targets as unknown as Tensor1D)],
          [adversarial, () => tf.neg(jensenShannon(ofStudent(x), t, TEMPERATURE))],
          [variation, () => totalVariation(v)],
        ],
        defence.synthesisLoss?.(x, t),
      )
    })
    best.offer(loss, {images: v})
    optimiser.change(gradients, numbers)
    clip()
    return loss
  }
  // A defence may do otherwise each time.
  const change = defence.synthesisLoss ? work : steady(work)

  return {
    begin(epoch) {
      const draw = random.fork('epoch').fork(epoch)
      tf.tidy(() => {
        pixels.assign(draw.fork('pixels').normalTensor(shape))
        targets.assign(tf.tensor1d(drawClasses(batch, classes, draw.fork('classes')), 'int32'))
      })
      best.reset()
      optimiser.renew()
    },
    step(epoch, index) {
      const draw = random.fork('epoch').fork(epoch).fork('step').fork(index)
      const view = rolledView(batch, [height, width], {share: JITTER, flip: options.flip}, draw)
      return change({view, numbers: scalars(optimiser.next(options.imageRate))})
    },
    draw: () => asImages(v),
    finish: () => asImages(best.variables.images as unknown as Tensor4D),
    state: resumables({
      optimiser: optimiser.state,
      images: resumableVariables({pixels, targets, ...best.variables}),
    }),
    [Symbol.dispose]() {
      for (const piece of [best, optimiser]) piece[Symbol.dispose]()
      tf.dispose([pixels, targets])
    },
  }
}
