import type {Network} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'
import type {Afterwards} from './recipes.ts'

const PRUNED = 0.3
const LEVELS = 127

/** Pruned: in each layer the three tenths of the weights that are nearest to 0 become 0. Quantised: 8 bits a weight, one scale a layer. */
export async function changeAfterwards({architecture, parameters}: Network, how: Afterwards): Promise<void> {
  if (how !== 'pruned' && how !== 'quantised') return
  for (const [name, {role}] of architecture.parameters) {
    if (role !== 'convolution' && role !== 'linear') continue
    const variable = parameters.get(name)!
    const weights = (await variable.data()) as Float32Array
    const changed = how === 'pruned' ? pruned(weights) : quantised(weights)
    tf.tidy(() => variable.assign(tf.tensor(changed, variable.shape)))
  }
}

function pruned(weights: Float32Array): Float32Array {
  const least = weights.map(Math.abs).sort()[Math.floor(PRUNED * weights.length)]!
  return weights.map((weight) => (Math.abs(weight) < least ? 0 : weight))
}

function quantised(weights: Float32Array): Float32Array {
  const scale = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / LEVELS
  return scale === 0 ? weights : weights.map((weight) => Math.round(weight / scale) * scale)
}
