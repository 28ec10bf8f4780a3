import * as tf from '@tensorflow/tfjs-core'
import type {KernelConfig, OneHotAttrs, Tensor} from '@tensorflow/tfjs-core'

/** wasm's own writes whole numbers whatever the type: as float32 a one reads 1.4e-45. */
export const wasmOneHot: KernelConfig = {
  kernelName: tf.OneHot,
  backendName: 'wasm',
  kernelFunc: ({inputs, attrs}) => {
    const {indices} = inputs as unknown as {indices: Tensor}
    const {depth, onValue, offValue, dtype} = attrs as unknown as OneHotAttrs
    return tf.tidy(() => {
      const isIt = tf.equal(tf.expandDims(indices, -1), tf.range(0, depth, 1, 'int32'))
      return tf.add(
        tf.mul(tf.cast(isIt, dtype), tf.scalar(onValue - offValue, dtype)),
        tf.scalar(offValue, dtype),
      )
    })
  },
}
