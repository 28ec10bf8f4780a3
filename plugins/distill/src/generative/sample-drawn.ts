import {sampleBatches, toImages} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'

/** So many images of batches 0, 1, …, which `draw` gives in [0, 1]; it is tidied. */
export const sampleDrawn = (count: number, draw: (index: number) => Tensor4D): Promise<Images> =>
  sampleBatches(count, async (index) => {
    const images = tf.tidy(() => draw(index))
    try {
      return await toImages(images)
    } finally {
      images.dispose()
    }
  })
