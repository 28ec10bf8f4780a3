import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Random} from '../engine/random.ts'
import {environmentError} from '../errors.ts'
import type {Network} from './model.ts'

/** More than rounding in any order, and on any device, makes of logits, as a share of the largest. */
const TOLERANCE = 0.02
const PROBES = 3

/**
 * Whether a network answers for an image alone what it answers for it among others: it is audited in batches, and may be run
 * on single images. Asks it for three random images, the first and the last of them alone too; what it cannot tell at rest
 * (`followBatch` does, for graphs) it may tell so. Throws E_BATCH_DEPENDENT.
 */
export async function checkSingleImages({architecture, parameters}: Network, random: Random): Promise<void> {
  const images = random.normalTensor<Tensor4D>([PROBES, ...architecture.input])
  const logitsOf = async (first: number, count: number) => {
    const logits = tf.tidy(() => {
      const some = tf.slice(images, first, count)
      return architecture.forward(parameters, some, 'eval').logits
    })
    const values = await logits.data()
    logits.dispose()
    return values
  }
  try {
    const together = await logitsOf(0, PROBES)
    for (const image of [0, PROBES - 1]) compare(image, await logitsOf(image, 1), together)
  } finally {
    images.dispose()
  }
}

function compare(image: number, alone: ArrayLike<number>, together: ArrayLike<number>): void {
  const classes = alone.length
  const among = Array.from({length: classes}, (_, i) => together[image * classes + i]!)
  const largest = Math.max(...among.map(Math.abs), ...Array.from(alone, Math.abs))
  // NaN and infinity have an error of their own.
  if (!Number.isFinite(largest)) return
  const at = among.findIndex((value, i) => Math.abs(value - alone[i]!) > TOLERANCE * largest)
  if (at < 0) return
  throw environmentError({
    code: 'E_BATCH_DEPENDENT',
    message: `The network answers otherwise for one image than for several: its logit ${at} for the same image is ${alone[at]!.toPrecision(4)} alone and ${among[at]!.toPrecision(4)} among ${PROBES} (the largest is ${largest.toPrecision(4)}).`,
    hints: [
      'An audit in batches would not show how it behaves on single images, so there is none.',
      'Export the classifier again in inference mode, or save its weights as a state dict.',
    ],
  })
}
