import * as tf from '@tensorflow/tfjs-core'
import type {Tensor3D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Context} from '@abd/core'
import type {Images} from '@abd/core/data'
import {takeImages, toTensor} from '@abd/core/data'
import {crossEntropy, lossAndGradients} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import {setImmediate as nextTurn} from 'node:timers/promises'

const BATCH = 64

/**
 * One picture of bytes 0 … `epsilon` that, added to images, leads a model to the target: signed steps of 1/20 of
 * epsilon, from half of it, on random batches. (SCAR's triggers go both ways; one that only brightens is a PNG that every
 * command takes as `--trigger FILE.png:TARGET`.)
 */
export async function universalTrigger(
  model: Model,
  images: Images,
  {target, epsilon, steps}: {readonly target: number; readonly epsilon: number; readonly steps: number},
  {random, signal}: Pick<Context, 'random' | 'signal'>,
): Promise<Images> {
  const {height, width, channels} = images
  const most = epsilon / 255
  const batch = Math.min(BATCH, images.count)
  let delta = tf.fill<tf.Rank.R3>([height, width, channels], most / 2)
  try {
    for (let step = 0; step < steps; step++) {
      signal.throwIfAborted()
      const chosen = takeImages(images, random.fork(step).permutation(images.count).subarray(0, batch))
      const next = tf.tidy(() => {
        const labels = tf.fill<tf.Rank.R1>([batch], target, 'int32')
        const x = toTensor(chosen)
        const {gradients} = lossAndGradients([delta], () =>
          crossEntropy(model.logits(tf.clipByValue(tf.add<Tensor4D>(x, delta), 0, 1)), labels),
        )
        const moved = tf.sub<Tensor3D>(delta, tf.mul(tf.sign(gradients[0]!), most / 20))
        return tf.clipByValue(moved, 0, most)
      })
      delta.dispose()
      delta = next
      // A turn of the event loop, for Ctrl-C.
      await nextTurn()
    }
    const values = await delta.data<'float32'>()
    return {count: 1, height, width, channels, data: Uint8Array.from(values, (v) => Math.round(255 * v))}
  } finally {
    delta.dispose()
  }
}
