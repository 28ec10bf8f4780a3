import {createRandom} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {adam, attentionLoss, attentionMap, klMean} from '@abd/core/math'
import {createDescent} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Repeated} from './in-turns.ts'
import {randomModel} from './models.ts'

/**
 * Steps of a student alone, as in a cycle of ZSKT: forward, backward, KL and attention to answers of a WRN-16-2 that are there
 * already, clipped Adam. The first, which prepares the graph, is taken here.
 */
export async function matchingSteps(engine: Engine, batch: number): Promise<Repeated> {
  const {network} = randomModel('wrn-16-1', 'student')
  const teacher = randomModel('wrn-16-2', 'teacher').network
  const x = createRandom('x').uniformTensor<Tensor4D>([batch, 32, 32, 3])
  const lesson = tf.tidy(() => {
    const {logits, activations} = teacher.architecture.forward(teacher.parameters, x, 'eval')
    return {t: logits, maps: activations.map(attentionMap)}
  })
  const optimiser = adam(network.trainable)
  const descent = createDescent<{t: Tensor2D; maps: Tensor2D[]}>(
    {network, optimiser, clip: 5},
    ({logits, activations}, {t, maps}) =>
      tf.add(klMean(logits, t, 1), tf.mul(attentionLoss(activations, maps), 250)),
  )
  const capture = engine.capture({label: 'A step', times: 1000})
  const next = async () => {
    const loss = capture.run(() => tf.tidy(() => descent(x, lesson, {learningRate: 1e-4})))
    await loss.data()
    loss.dispose()
  }
  await next()
  return {
    next,
    [Symbol.dispose]() {
      capture[Symbol.dispose]()
      optimiser[Symbol.dispose]()
      tf.dispose([x, lesson.t, ...lesson.maps])
    },
  }
}
