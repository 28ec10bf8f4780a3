import type {Images, Normalisation} from '../data/images.ts'
import {normalisations} from '../data/normalisations.ts'
import {toTensor} from '../data/to-tensor.ts'
import type {Network} from '../nn/model.ts'
import {perChannel} from '../nn/per-channel.ts'
import {normalise} from '../train/normalise.ts'
import * as tf from '@tensorflow/tfjs-core'
import type {Card} from './card.ts'

export interface Preprocessing extends Normalisation {
  readonly source: 'flags' | 'card' | 'guessed'
  /** 'cifar10', …, for a guess. */
  readonly name?: string
}

/**
 * How the network wants its input: what the user said, else what the card says, else a guess. The others that would fit
 * come after the first: an untrusted card or a guess is also tried against them, and the worse verdict counts.
 */
export async function preprocessingCandidates(
  network: Network,
  base: Images,
  {flags, card}: {flags?: Normalisation | undefined; card?: Card | undefined},
): Promise<[Preprocessing, ...Preprocessing[]]> {
  const [, , channels] = network.architecture.input
  if (flags) return [{...perChannel(flags, channels), source: 'flags'}]
  const guesses = await rankedGuesses(network, base)
  if (card?.mean && card.std) {
    const own: Preprocessing = {
      ...perChannel({mean: card.mean, std: card.std}, channels),
      source: 'card',
    }
    const other = guesses.find((guess) => !close(guess, own))
    return other ? [own, other] : [own]
  }
  const [first, ...rest] = guesses
  const other = rest.find((guess) => !close(guess, first!))
  return other ? [first!, other] : [first!]
}

const close = (a: Normalisation, b: Normalisation) =>
  a.mean.every((value, i) => Math.abs(value - b.mean[i]!) < 0.1) &&
  a.std.every((value, i) => Math.max(value / b.std[i]!, b.std[i]! / value) < 1.3)

/**
 * The known normalisations for this many channels, the likeliest first: the one under which the inputs of the first
 * BatchNorm on unrelated images look most like its running statistics (the smallest sum over channels of
 * (log σ²_batch − log σ²_running)² + (μ_batch − μ_running)² / σ²_running).
 */
async function rankedGuesses(network: Network, base: Images): Promise<Preprocessing[]> {
  const {architecture} = network
  const channels = architecture.input[2]
  const candidates = Object.entries(normalisations).filter(([, {mean}]) => mean.length === channels)
  const first = [...architecture.parameters].find(([, {role}]) => role === 'running-mean')?.[0]
  const scored = await Promise.all(
    candidates.map(async ([name, {mean, std}]) => ({
      mean: [...mean],
      std: [...std],
      source: 'guessed' as const,
      name,
      mismatch: first ? await mismatchOf(network, base, {mean, std}, first) : 0,
    })),
  )
  return scored.sort((a, b) => a.mismatch - b.mismatch).map(({mismatch: _, ...guess}) => guess)
}

async function mismatchOf(
  network: Network,
  base: Images,
  {mean, std}: Normalisation,
  running: string,
): Promise<number> {
  const {architecture, parameters} = network
  const indices = Int32Array.from({length: Math.min(100, base.count)}, (_, i) => i)
  const value = tf.tidy(() => {
    const x = normalise(toTensor(base, indices), {mean, std})
    const variance = running.replace('running_mean', 'running_var')
    // In train mode the new running statistics are 0.9 old + 0.1 batch: the batch's follow.
    const {moments} = architecture.forward(parameters, x, 'train')
    const batch = (name: string) => {
      const old = parameters.get(name)!
      return tf.div(tf.sub(moments.get(name)!, tf.mul(old, 0.9)), 0.1)
    }
    const ratio = tf.log(
      tf.div(tf.maximum(batch(variance), 1e-6), tf.maximum(parameters.get(variance)!, 1e-6)),
    )
    const shift = tf.div(
      tf.square(tf.sub(batch(running), parameters.get(running)!)),
      tf.maximum(parameters.get(variance)!, 1e-6),
    )
    return tf.mean(tf.add(tf.square(ratio), shift))
  })
  const [mismatch] = await value.data()
  value.dispose()
  return mismatch ?? Number.POSITIVE_INFINITY
}
