import * as tf from '@tensorflow/tfjs-core'
import type {
  Conv2DBackpropFilterAttrs,
  KernelConfig,
  KernelFunc,
  Tensor,
  Tensor2D,
  Tensor4D,
} from '@tensorflow/tfjs-core'

/**
 * The kernel that training needs and wasm lacks: the gradient of a convolution by its filter, one matrix product for
 * each of the filter's places, of the pixels that the place saw with what came of them.
 */
export const wasmConv2DBackpropFilter: KernelConfig = {
  kernelName: tf.Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: (({inputs, attrs}) => {
    const {x, dy} = inputs as {x: Tensor4D; dy: Tensor4D}
    const {filterShape, strides, pad, dataFormat, dimRoundingMode} =
      attrs as unknown as Conv2DBackpropFilterAttrs
    tf.util.assert(dataFormat === 'NHWC', () => 'wasm convolves channels-last images only')
    const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode)
    const {batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels, outChannels, padInfo} = info
    const [height, width] = filterShape
    return tf.tidy(() => {
      // Rows and columns beyond what the last step reads may be missing or left over; both are evened out here.
      const rows = (outHeight - 1) * strideHeight + height
      const columns = (outWidth - 1) * strideWidth + width
      const padded = tf.pad(x, [
        [0, 0],
        [padInfo.top, Math.max(0, rows - padInfo.top - info.inHeight)],
        [padInfo.left, Math.max(0, columns - padInfo.left - info.inWidth)],
        [0, 0],
      ])
      const seen = (i: number, j: number): Tensor2D =>
        tf.reshape(
          tf.stridedSlice(
            padded,
            [0, i, j, 0],
            [
              batchSize,
              i + (outHeight - 1) * strideHeight + 1,
              j + (outWidth - 1) * strideWidth + 1,
              inChannels,
            ],
            [1, strideHeight, strideWidth, 1],
          ),
          [-1, inChannels],
        )
      const flat: Tensor2D = tf.reshape(dy, [-1, outChannels])
      const places: Tensor[] = []
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) places.push(tf.tidy(() => tf.matMul(seen(i, j), flat, true)))
      return tf.reshape(tf.stack(places), filterShape)
    })
  }) as KernelFunc,
}
