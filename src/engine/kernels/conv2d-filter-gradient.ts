import * as tf from '@tensorflow/tfjs-core'
import type {
  Conv2DBackpropFilterAttrs,
  GradConfig,
  NamedAttrMap,
  Tensor,
  Tensor4D,
} from '@tensorflow/tfjs-core'

/** Convolution is linear in both arguments, so the gradient of its filter gradient is two convolutions; tfjs has none. */
export const conv2DFilterGradient: GradConfig = {
  kernelName: tf.Conv2DBackpropFilter,
  inputsToSave: ['x', 'dy'],
  gradFunc(cotangent, saved, attrs) {
    const [x, dy] = saved as [Tensor4D, Tensor4D]
    const filter = cotangent as Tensor4D
    const {strides, pad, dataFormat, dimRoundingMode} = attrs as unknown as Conv2DBackpropFilterAttrs
    const back = {strides, pad, dataFormat, dimRoundingMode, inputShape: x.shape} as unknown as NamedAttrMap
    return {
      x: () => tf.engine().runKernel<Tensor>(tf.Conv2DBackpropInput, {dy, filter}, back),
      dy: () => tf.conv2d(x, filter, strides, pad, dataFormat, 1, dimRoundingMode),
    }
  },
}
