import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor3D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Images} from '@abd/core/data'
import {toTensor} from '@abd/core/data'
import {crossEntropy, klBatch, sgd} from '@abd/core/math'
import type {Tensors} from '@abd/core/math'
import type {Model, Network} from '@abd/core/nn'
import type {Penalty} from '@abd/core/train'
import {createDescent, denormalise, normalise} from '@abd/core/train'
import type {AdaptiveOptions} from './options.ts'
import {pullLoss, transferPull} from './transfer-pull.ts'

interface Given {
  readonly [name: string]: Tensors
  readonly triggered: Tensor4D
  readonly labels: Tensor1D
  readonly slope: Tensor2D
}

/** The student's learning rate; it keeps up with a teacher that changes slowly. */
const RATE = 0.05

/** The two terms of `scar-lite` beside the clean cross-entropy; before each step the surrogate takes one of its own. */
export function scarLite(
  {network, normalisation}: Model,
  {
    surrogate,
    trigger,
    target,
    options: {hide, pull, temperature},
  }: {
    readonly surrogate: Network
    readonly trigger: Images
    readonly target: number
    readonly options: AdaptiveOptions<'scar-lite'>
  },
): Penalty<Given> & Disposable & {learn(x: Tensor4D): void} {
  const {architecture, parameters} = network
  const logits = (x: Tensor4D) => architecture.forward(parameters, x, 'eval').logits
  const optimiser = sgd(surrogate.trainable, {momentum: 0.9, weightDecay: 5e-4})
  const descent = createDescent<Tensor2D>({network: surrogate, optimiser, clip: 5}, (forward, answers) =>
    klBatch(forward.logits, answers, temperature),
  )
  const delta = tf.keep(tf.tidy(() => tf.squeeze<Tensor3D>(toTensor(trigger), [0])))
  const withTrigger = (x: Tensor4D) =>
    normalise(tf.clipByValue(tf.add<Tensor4D>(denormalise(x, normalisation), delta), 0, 1), normalisation)
  const learn = (x: Tensor4D) => {
    tf.tidy(() => {
      descent(x, logits(x), {learningRate: RATE})
    })
  }
  return {
    learn,
    prepare({x, labels}) {
      learn(x)
      const triggered = withTrigger(x)
      return {triggered, labels, slope: transferPull(surrogate, {x, triggered, target})}
    },
    loss: (clean, {triggered, labels, slope}) =>
      tf.add<Scalar>(
        tf.mul(crossEntropy(logits(triggered), labels), hide),
        tf.mul(pullLoss(clean, slope, temperature), pull),
      ),
    [Symbol.dispose]() {
      optimiser[Symbol.dispose]()
      delta.dispose()
    },
  }
}
