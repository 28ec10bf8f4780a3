import {toImages} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'

/**
 * Images in [0, 1], [B, H, W, C], as bytes that are cut off and not rounded, as in the reference implementation; what is
 * outside is clipped. Disposes of the images.
 */
export async function harvest(images: Tensor4D): Promise<Images> {
  const cut = tf.tidy(() => tf.div<Tensor4D>(tf.floor(tf.mul(images, 255)), 255))
  try {
    return await toImages(cut)
  } finally {
    tf.dispose([images, cut])
  }
}
