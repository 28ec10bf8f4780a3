import type {Pair} from '@abd/core'
import type {Random} from '@abd/core/engine'
import {
  adam,
  adversarialLoss,
  contrastiveLoss,
  crossEntropy,
  inversionLoss,
  lossAndGradients,
  withoutGradient,
} from '@abd/core/math'
import type {Optimiser} from '@abd/core/math'
import {cmiGenerator, cmiHead, createNetwork} from '@abd/core/nn'
import type {Network} from '@abd/core/nn'
import {
  normalise,
  renormaliser,
  resumableNetwork,
  resumableOptimiser,
  resumables,
  resumableVariables,
} from '@abd/core/train'
import type {Resumable} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor4D, Variable} from '@tensorflow/tfjs-core'
import type {CmiOptions} from './options.ts'
import {createMemoryBank} from './memory-bank.ts'
import {drawGenerator} from './draw-generator.ts'
import {applyView, resizedView, shiftedView} from './views.ts'

/** One epoch's images in the making: a generator and its noise, both fitted to them. */
export interface Synthesis extends Disposable {
  /** Starts an epoch: a freshly drawn generator, noise and classes. */
  begin(epoch: number): void
  /** One step of the generator, its noise and the projection; gives the loss. The caller tidies. */
  step(epoch: number, index: number): Scalar
  /** Images in [0, 1] as the generator draws them now. The caller disposes of them. */
  draw(): Tensor4D
  /** The best images of the epoch, in [0, 1]; their features go to the memory bank. The caller disposes of them. */
  finish(): Tensor4D
  readonly state: Resumable
}

const PADDING = 4

/**
 * Images by model inversion with contrast (CMI, Fang et al., 2021): over G's weights and z, with x = G(z) in two views,
 *   inversion · Σ_l r_l + oneHot · CE(T(x), y) + adversarial · L_adv(S(x), T(x)) + contrast · L_cr + R(x)
 * R is the defence's. The step with the lowest loss gives the images, as they were before it.
 */
export function createSynthesis(pair: Pair, options: CmiOptions, random: Random): Synthesis {
  const {teacher, student, defence} = pair
  const {architecture, parameters} = teacher.network
  const [height, width] = architecture.input
  const {synthesisBatch: batch} = options
  const statistics = batchNorms(teacher.network)
  const features = [...statistics.values()].reduce((sum, {mean}) => sum + mean.shape[0], 0)
  const generator = createNetwork(cmiGenerator(architecture.input), random.fork('generator'))
  const head = createNetwork(cmiHead(features), random.fork('head'))
  const z: Variable = tf.tidy(() => tf.variable(tf.zeros([batch, generator.architecture.latent])))
  const contrasts = options.contrast > 0
  const ofImages = [...generator.trainable, z]
  const ofHead = contrasts ? head.trainable : []
  const bank = createMemoryBank(options.bank, 2 * features)
  const zeros = (...shape: number[]) => tf.tidy(() => tf.variable(tf.zeros(shape), false))
  const best = {
    loss: zeros(),
    images: zeros(batch, ...architecture.input),
    features: zeros(batch, 2 * features),
  }
  const headOptimiser = adam(head.trainable)
  let imageOptimiser: Optimiser = adam(ofImages, BETAS)
  const targets: Variable = tf.tidy(() => tf.variable(tf.zeros([batch], 'int32'), false))

  /** The teacher's logits, the distance from its running statistics, and the means over each BatchNorm's input. */
  const look = (x: Tensor4D) => {
    const losses: Scalar[] = []
    const means: Tensor2D[] = []
    const {logits} = architecture.forward(parameters, x, 'eval', (layer, input) => {
      losses.push(inversionLoss(input, statistics.get(layer)!))
      means.push(tf.mean(input, [1, 2]))
    })
    return {logits, inversion: tf.addN(losses), features: tf.concat(means, 1)}
  }
  const ofStudent = (x: Tensor4D): Tensor2D =>
    student.network.architecture.forward(
      student.network.parameters,
      renormaliser(teacher.normalisation, student.normalisation)(x),
      'eval',
    ).logits
  const project = (rows: Tensor2D) => head.architecture.forward(head.parameters, rows)

  const contrastOf = (local: Tensor2D, global: Tensor2D, draw: Random): Scalar => {
    const remembered = bank.sample(options.negatives, draw)
    const [ofLocal, ofGlobal] = remembered ? (tf.split(remembered, 2, 1) as [Tensor2D, Tensor2D]) : []
    const joined = (now: Tensor2D, before?: Tensor2D): Tensor2D =>
      before ? tf.concat([now, before], 0) : now
    return contrastiveLoss(
      project(joined(local, ofLocal)),
      withoutGradient(() => project(joined(global, ofGlobal))),
      {temperature: options.contrastTemperature, current: batch},
    )
  }

  return {
    begin(epoch) {
      const draw = random.fork('epoch').fork(epoch)
      tf.tidy(() => {
        drawGenerator(generator, draw.fork('generator'))
        z.assign(draw.fork('noise').normalTensor([batch, generator.architecture.latent]))
        best.loss.assign(tf.scalar(Infinity))
      })
      imageOptimiser[Symbol.dispose]()
      imageOptimiser = adam(ofImages, BETAS)
      const classes = draw.fork('classes')
      const drawn = Int32Array.from({length: batch}, () => classes.integer(architecture.classes)).sort()
      tf.tidy(() => {
        targets.assign(tf.tensor1d(drawn, 'int32'))
      })
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
      const {loss, gradients, extra} = lossAndGradients([...ofImages, ...ofHead], () => {
        const {images} = generator.architecture.forward(
          generator.parameters,
          z as unknown as Tensor2D,
          'train',
        )
        const seen = (view: keyof typeof views) =>
          normalise(applyView(images, views[view]), teacher.normalisation)
        const x = seen('global')
        const {logits: t, inversion, features: global} = look(x)
        const local = contrasts ? look(seen('local')).features : global
        const terms: [weight: number, term: () => Scalar][] = [
          [options.inversion, () => inversion],
          [options.oneHot, () => crossEntropy(t, targets as unknown as Tensor1D)],
          [options.adversarial, () => adversarialLoss(ofStudent(x), t)],
          [options.contrast, () => contrastOf(local, global, draw.fork('bank'))],
        ]
        const resistance = defence.synthesisLoss?.(x, t)
        const weighed = terms.flatMap(([weight, term]) =>
          weight > 0 ? [tf.mul<Scalar>(term(), weight)] : [],
        )
        return {
          loss: tf.addN([...weighed, ...(resistance ? [resistance] : [])]),
          extra: {images, features: tf.concat([local, global], 1)},
        }
      })
      keepBest(best, loss, extra)
      imageOptimiser.step(gradients.slice(0, ofImages.length), options.generatorRate)
      if (contrasts) headOptimiser.step(gradients.slice(ofImages.length), options.generatorRate)
      return loss
    },
    draw: () =>
      tf.tidy(
        () => generator.architecture.forward(generator.parameters, z as unknown as Tensor2D, 'train').images,
      ),
    finish() {
      bank.append(best.features as unknown as Tensor2D)
      return tf.clone(best.images as unknown as Tensor4D)
    },
    state: resumables({
      generator: resumableNetwork(generator),
      head: resumableNetwork(head),
      headOptimiser: resumableOptimiser(headOptimiser),
      // Another one every epoch.
      imageOptimiser: {
        save: () => resumableOptimiser(imageOptimiser).save(),
        restore: (saved) => resumableOptimiser(imageOptimiser).restore(saved),
      },
      images: resumableVariables({z, targets, ...best}),
      bank: bank.state,
    }),
    [Symbol.dispose]() {
      for (const piece of [generator, head, bank, headOptimiser, imageOptimiser]) piece[Symbol.dispose]()
      tf.dispose([z, targets, ...Object.values(best)])
    },
  }
}

const BETAS = {beta1: 0.5}

/** By layer. */
function batchNorms({parameters}: Network): ReadonlyMap<string, {mean: Tensor1D; variance: Tensor1D}> {
  const suffix = '.running_mean'
  return new Map(
    [...parameters.keys()]
      .filter((name) => name.endsWith(suffix))
      .map((name) => {
        const layer = name.slice(0, -suffix.length)
        const of = (statistic: string) => parameters.get(`${layer}.${statistic}`) as unknown as Tensor1D
        return [layer, {mean: of('running_mean'), variance: of('running_var')}]
      }),
  )
}

/** Takes over what has a lower loss, without reading it back. */
function keepBest(
  best: {readonly loss: Variable; readonly images: Variable; readonly features: Variable},
  loss: Scalar,
  {images, features}: {readonly images: Tensor4D; readonly features: Tensor2D},
): void {
  tf.tidy(() => {
    const better = tf.cast(tf.less(loss, best.loss), 'float32')
    const either = (now: tf.Tensor, before: Variable) =>
      before.assign(tf.add(tf.mul(now, better), tf.mul(before, tf.sub(1, better))))
    either(images, best.images)
    either(features, best.features)
    best.loss.assign(tf.where<tf.Tensor>(tf.less(loss, best.loss), loss, best.loss))
  })
}
