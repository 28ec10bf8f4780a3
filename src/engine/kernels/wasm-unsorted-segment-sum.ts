import * as tf from '@tensorflow/tfjs-core'
import type {KernelConfig, Tensor, Tensor1D, UnsortedSegmentSumAttrs} from '@tensorflow/tfjs-core'

/** The gradient of `tf.gather`, which wasm lacks: a product with the one-hot rows of the segments. */
export const wasmUnsortedSegmentSum: KernelConfig = {
  kernelName: tf.UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: ({inputs, attrs}) => {
    const {x, segmentIds} = inputs as unknown as {x: Tensor; segmentIds: Tensor1D}
    const {numSegments} = attrs as unknown as UnsortedSegmentSumAttrs
    const [rows = 0, ...rest] = x.shape
    return tf.tidy(() => {
      const segments = tf.transpose(tf.oneHot(segmentIds, numSegments, 1, 0, 'float32'))
      return tf.reshape(tf.matMul(segments, tf.reshape(x, [rows, -1])), [numSegments, ...rest])
    })
  },
}
