import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import {runOperation} from '../engine/kernels/tensorflow-ops.ts'

/**
 * max(x, 0), differentiable any number of times. tfjs' own gradient passes over the activations eight times on
 * tensorflow (it looks for NaNs first), a good part of a training step; this one once there, else twice.
 */
export const relu = <T extends Tensor>(x: T): T => rectified(x) as T

type Operation = (...inputs: Tensor[]) => Tensor

const rectified: Operation = tf.customGrad((x, save) => {
  const y = tf.relu(x as Tensor)
  ;(save as tf.GradSaveFunc)([y])
  return {value: y, gradFunc: (dy: Tensor, [kept]: Tensor[]) => whereAlive(dy, kept as Tensor)}
})

/** dy where y > 0, else 0. */
const whereAlive: Operation = tf.customGrad((...args) => {
  const [dy, y, save] = args as [Tensor, Tensor, tf.GradSaveFunc]
  save([y])
  return {
    value:
      tf.getBackend() === 'tensorflow'
        ? (runOperation(tf.backend(), 'ReluGrad', [dy, y], {
            T: {type: 'type', value: 'float32'},
          })[0] as Tensor)
        : tf.mul(dy, tf.sign(y)),
    gradFunc: (u: Tensor, [kept]: Tensor[]) => [whereAlive(u, kept as Tensor), tf.zerosLike(kept as Tensor)],
  }
})
