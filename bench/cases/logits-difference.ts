import {openEngine} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import type {Case} from '../case.ts'
import {randomModel} from './models.ts'

const IMAGES = 16

/** Of a WRN-16-2 with the same weights and images on whatever engine is open. */
async function logitsHere(): Promise<Float32Array> {
  const model = randomModel('wrn-16-2', 'teacher')
  const pixels = Float32Array.from({length: IMAGES * 32 * 32 * 3}, (_, i) => ((i * 7919) % 256) / 255)
  const logits = tf.tidy(() => model.logits(tf.tensor4d(pixels, [IMAGES, 32, 32, 3])))
  return (await logits.data()) as Float32Array
}

export const logitsDifference: Case = {
  name: 'logits-difference',
  summary:
    'Largest difference of logits of a WRN-16-2 from those on wasm, 16 images (with ABD_TF32=1: what TF32 costs; with TF_SET_ONEDNN_FPMATH_MODE=BF16: bfloat16)',
  unit: 'logits',
  better: 'smaller',
  runs: 1,
  async setUp() {
    let there: Float32Array
    {
      await using _wasm = await openEngine('wasm')
      there = await logitsHere()
    }
    const engine = await openEngine('auto')
    return {
      async run() {
        const here = await logitsHere()
        return here.reduce((largest, logit, i) => Math.max(largest, Math.abs(logit - there[i]!)), 0)
      },
      tearDown: async () => engine[Symbol.asyncDispose](),
    }
  },
}
