import type {Images} from '../data/images.ts'
import {takeImages} from '../data/take-images.ts'
import {toTensor} from '../data/to-tensor.ts'
import type {Model} from '../nn/model.ts'
import * as tf from '@tensorflow/tfjs-core'

/** What an audit says of a network that answers nothing meaningful: why, or null. `error`: it cannot be audited at all. */
export interface Degenerate {
  readonly error: boolean
  readonly reason: string
}

/** From this share of images in one class on, too few are left that a trigger could move into it. */
const SATURATED = 0.9

/**
 * Outputs on unrelated images: not finite (error); the same logits for every image (constant); or so close to each other
 * that no class stands out (untrained): the mean largest softmax probability is at most a tenth of the way from 1 / classes
 * to 1; or all in one class (saturated), into which then no trigger can be seen to move anything.
 */
export async function findDegenerate(model: Model, base: Images): Promise<Degenerate | null> {
  const {classes} = model.network.architecture
  const few = takeImages(base, 200)
  const logits = tf.tidy(() => model.logits(toTensor(few)))
  const values = await logits.data()
  logits.dispose()
  if (values.some((value) => !Number.isFinite(value)))
    return {error: true, reason: 'The network answers with NaN or infinity, so it cannot be audited.'}
  let spread = 0
  let confidence = 0
  const named = new Float64Array(classes)
  for (let k = 0; k < classes; k++) {
    const column = Array.from({length: few.count}, (_, i) => values[i * classes + k]!)
    spread = Math.max(spread, Math.max(...column) - Math.min(...column))
  }
  for (let i = 0; i < few.count; i++) {
    const row = [...values.subarray(i * classes, (i + 1) * classes)]
    const top = Math.max(...row)
    named[row.indexOf(top)]! += 1 / few.count
    confidence += 1 / row.reduce((sum, value) => sum + Math.exp(value - top), 0) / few.count
  }
  if (spread < 1e-4)
    return {error: false, reason: 'The network gives the same answer for every image: it is constant.'}
  if (confidence < 1 / classes + 0.1 * (1 - 1 / classes))
    return {
      error: false,
      reason: 'No class stands out on any image: the network looks untrained, or is not a classifier.',
    }
  const most = Math.max(...named)
  if (most > SATURATED)
    return {
      error: false,
      reason: `The network takes ${(100 * most).toFixed(0)} % of unrelated images for class ${named.indexOf(most)}, so what moves images into that class cannot be measured.`,
    }
  return null
}
