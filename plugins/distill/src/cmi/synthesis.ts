import type {Pair} from '@abd/core'
import {steady} from '@abd/core/engine'
import type {Random} from '@abd/core/engine'
import {
  adam,
  adversarialLoss,
  contrastiveLoss,
  crossEntropy,
  lossAndGradients,
  scalars,
  withoutGradient,
} from '@abd/core/math'
import type {Tensors} from '@abd/core/math'
import {cmiGenerator, cmiHead, createNetwork} from '@abd/core/nn'
import {
  normalise,
  resumableNetwork,
  resumableOptimiser,
  resumables,
  resumableVariables,
} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor4D, Variable} from '@tensorflow/tfjs-core'
import {createBest} from '../inversion/best.ts'
import {drawClasses} from '../inversion/draw-classes.ts'
import {createLook, watchedChannels} from '../inversion/look.ts'
import {renewedOptimiser} from '../inversion/renewed-optimiser.ts'
import {studentLogits} from '../inversion/student-logits.ts'
import {applyView, resizedView, shiftedView} from '../inversion/views.ts'
import type {View} from '../inversion/views.ts'
import {checkWeights, weighedSum} from '../inversion/weighed-sum.ts'
import type {Synthesis} from '../pool/synthesis.ts'
import {drawGenerator} from './draw-generator.ts'
import {createMemoryBank} from './memory-bank.ts'
import type {CmiOptions} from './options.ts'

const PADDING = 4

/**
 * Images by model inversion with contrast (CMI, Fang et al., 2021): over G's weights and z, with x = G(z) in two views,
 *   inversion · Σ_l r_l + oneHot · CE(T(x), y) + adversarial · L_adv(S(x), T(x)) + contrast · L_cr + R(x)
 * R is the defence's. The generator is drawn anew every epoch; the projection and the memory bank live on. The step with
 * the lowest loss gives the images, as they were before it, and the features that are remembered of them. Throws E_WEIGHTS.
 */
export function createSynthesis(pair: Pair, options: CmiOptions, random: Random): Synthesis {
  const {teacher, defence} = pair
  const {inversion, oneHot, adversarial, contrast} = options
  checkWeights({inversion, oneHot, adversarial, contrast})
  const {architecture} = teacher.network
  const [height, width] = architecture.input
  const {synthesisBatch: batch} = options
  const features = watchedChannels(teacher.network)
  const look = {
    global: createLook(teacher.network, {inversion: inversion > 0, means: true}),
    local: createLook(teacher.network, {means: true}),
  }
  const ofStudent = studentLogits(pair)
  const generator = createNetwork(cmiGenerator(architecture.input), random.fork('generator'))
  const head = createNetwork(cmiHead(features), random.fork('head'))
  const z: Variable = tf.tidy(() => tf.variable(tf.zeros([batch, generator.architecture.latent])))
  const contrasts = contrast > 0
  const ofImages = [...generator.trainable, z]
  const ofHead = contrasts ? head.trainable : []
  const bank = createMemoryBank(options.bank, 2 * features, options)
  const best = createBest({images: [batch, ...architecture.input], features: [batch, 2 * features]})
  const headOptimiser = adam(head.trainable)
  const imageOptimiser = renewedOptimiser(adam(ofImages, {beta1: 0.5}))
  const targets: Variable = tf.tidy(() => tf.variable(tf.zeros([batch], 'int32'), false))

  const project = (rows: Tensor2D) => head.architecture.forward(head.parameters, rows)

  const contrastOf = (local: Tensor2D, global: Tensor2D, remembered: Tensor2D | undefined): Scalar => {
    const [ofLocal, ofGlobal] = remembered ? (tf.split(remembered, 2, 1) as [Tensor2D, Tensor2D]) : []
    const joined = (now: Tensor2D, before?: Tensor2D): Tensor2D =>
      before ? tf.concat([now, before], 0) : now
    const loss = contrastiveLoss(
      project(joined(local, ofLocal)),
      withoutGradient(() => project(joined(global, ofGlobal))),
      {temperature: options.contrastTemperature, current: batch},
    )
    // The mean over no rows at all: of the loss, not of its gradient.
    return remembered?.shape[0] === 0 ? tf.add<Scalar>(loss, NaN) : loss
  }

  const work = ({views, remembered, ...numbers}: Given): Scalar => {
    const {loss, gradients, extra} = lossAndGradients([...ofImages, ...ofHead], () => {
      const {images} = generator.architecture.forward(generator.parameters, z as unknown as Tensor2D, 'train')
      const seen = (view: keyof typeof views) =>
        normalise(applyView(images, views[view]), teacher.normalisation)
      const x = seen('global')
      const ofGlobal = look.global(x)
      const t = ofGlobal.logits
      const global = ofGlobal.means()
      const local = contrasts ? look.local(seen('local')).means() : global
      const loss = weighedSum(
        [
          [inversion, () => ofGlobal.inversion()],
          [oneHot, () => crossEntropy(t, targets as unknown as Tensor1D)],
          [adversarial, () => adversarialLoss(ofStudent(x), t)],
          [contrast, () => contrastOf(local, global, remembered)],
        ],
        defence.synthesisLoss?.(x, t),
      )
      return {loss, extra: {images, features: tf.concat([local, global], 1)}}
    })
    best.offer(loss, extra)
    imageOptimiser.change(gradients.slice(0, ofImages.length), numbers.ofImages)
    if (contrasts) headOptimiser.change(gradients.slice(ofImages.length), numbers.ofHead)
    return loss
  }
  // A defence may do otherwise each time.
  const change = defence.synthesisLoss ? work : steady(work)

  return {
    begin(epoch) {
      const draw = random.fork('epoch').fork(epoch)
      tf.tidy(() => {
        drawGenerator(generator, draw.fork('generator'))
        z.assign(draw.fork('noise').normalTensor([batch, generator.architecture.latent]))
        targets.assign(tf.tensor1d(drawClasses(batch, architecture.classes, draw.fork('classes')), 'int32'))
      })
      best.reset()
      imageOptimiser.renew()
    },
    step(epoch, index) {
      const draw = random.fork('epoch').fork(epoch).fork('step').fork(index)
      const views = {
        global: shiftedView(
          batch,
          [height, width],
          {padding: PADDING, flip: options.flip},
          draw.fork('global'),
        ),
        local: resizedView(batch, [height, width], options, draw.fork('local')),
      }
      return change({
        views,
        remembered: contrasts ? bank.sample(options.negatives, draw.fork('bank')) : undefined,
        ofImages: scalars(imageOptimiser.next(options.generatorRate)),
        ofHead: contrasts ? scalars(headOptimiser.next(options.generatorRate)) : [],
      })
    },
    draw: () =>
      tf.tidy(
        () => generator.architecture.forward(generator.parameters, z as unknown as Tensor2D, 'train').images,
      ),
    forget: (all) => {
      bank.keep(all ? 0 : batch)
    },
    finish() {
      bank.append(best.variables.features as unknown as Tensor2D)
      return tf.clone(best.variables.images as unknown as Tensor4D)
    },
    state: resumables({
      generator: resumableNetwork(generator),
      head: resumableNetwork(head),
      headOptimiser: resumableOptimiser(headOptimiser),
      imageOptimiser: imageOptimiser.state,
      images: resumableVariables({z, targets, ...best.variables}),
      bank: bank.state,
    }),
    [Symbol.dispose]() {
      for (const piece of [generator, head, bank, best, headOptimiser, imageOptimiser])
        piece[Symbol.dispose]()
      tf.dispose([z, targets])
    },
  }
}

/** What differs from step to step. */
interface Given {
  readonly [name: string]: Tensors
  readonly views: Readonly<Record<'global' | 'local', View>>
  /** Features of images of before. */
  readonly remembered: Tensor2D | undefined
  /** The optimisers' numbers. */
  readonly ofImages: Scalar[]
  readonly ofHead: Scalar[]
}
