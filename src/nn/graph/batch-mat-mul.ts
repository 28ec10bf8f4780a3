import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'

/**
 * Products of the last two axes, the axes before them broadcast: what ONNX and TensorFlow mean and tfjs's wasm engine gets wrong
 * where both sides have an axis of 1 that the other has not.
 */
export function batchMatMul(x: Tensor, y: Tensor, transposeX = false, transposeY = false): Tensor {
  const before = (one: Tensor) => one.shape.slice(0, -2)
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(before(x), before(y))
  const spread = (one: Tensor): Tensor =>
    before(one).join() === shape.join() ? one : tf.broadcastTo(one, [...shape, ...one.shape.slice(-2)])
  return tf.matMul(spread(x), spread(y), transposeX, transposeY)
}
