import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Normalisation} from '../data/images.ts'
import {usageError} from '../errors.ts'
import type {Model, Network} from './model.ts'
import {perChannel} from './per-channel.ts'

/**
 * A network together with its normalisation: (x - mean) / std a channel, where one number may be given for all channels.
 * It owns the network from now on. Throws E_NORMALISATION.
 */
export function createModel(network: Network, given: Normalisation): Model {
  const [, , channels] = network.architecture.input
  const normalisation = perChannel(given, channels)
  const each = (value: number) => new Array<number>(channels).fill(value).join(',')
  const fits = (values: readonly number[]) => values.length === channels && values.every(Number.isFinite)
  if (!fits(normalisation.mean) || !fits(normalisation.std) || !normalisation.std.every((value) => value > 0))
    throw usageError({
      code: 'E_NORMALISATION',
      message: `mean ${given.mean.join(',')} and std ${given.std.join(',')} do not fit images of ${channels} ${channels === 1 ? 'channel' : 'channels'}.`,
      hints: [
        `Give ${channels === 1 ? 'one number' : `one number for all or ${channels} numbers`} each, std above 0, as in --mean ${each(0.5)} --std ${each(0.25)}`,
      ],
    })

  const mean = tf.keep(tf.tensor1d([...normalisation.mean]))
  const std = tf.keep(tf.tensor1d([...normalisation.std]))
  return {
    network,
    normalisation,
    logits(x) {
      const normalised = tf.div<Tensor4D>(tf.sub(x, mean), std)
      return network.architecture.forward(network.parameters, normalised, 'eval').logits
    },
    [Symbol.dispose]() {
      tf.dispose([mean, std])
      network[Symbol.dispose]()
    },
  }
}
