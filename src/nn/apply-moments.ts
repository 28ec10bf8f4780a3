import * as tf from '@tensorflow/tfjs-core'
import type {Tensor} from '@tensorflow/tfjs-core'
import type {Layout, Parameters} from './architecture.ts'
import type {Network} from './model.ts'
import {parameterOf} from './parameter-of.ts'
import {MOMENTUM} from './running-moments.ts'

/** Assigns the running statistics of a `train` forward pass (`Forward.moments`). The caller still owns `moments`. */
export function applyMoments(network: Network<Layout>, moments: Parameters): void {
  for (const [name, moment] of moments) {
    const variable = network.parameters.get(name)
    if (!variable) throw new Error(`The network has no running statistic '${name}'.`)
    variable.assign(moment)
  }
}

/**
 * Assigns the running statistics of several `train` forward passes that all started from the present ones, as if they
 * had come one after the other: with r₀ where they start and m the momentum, r ← pass + (1 - m)(r - r₀).
 */
export function applyMomentsInTurn(network: Network<Layout>, passes: readonly Parameters[]): void {
  tf.tidy(() => {
    const start = new Map<string, Tensor>()
    for (const moments of passes)
      for (const [name, moment] of moments) {
        const now = parameterOf(network.parameters, name)
        const first = start.get(name)
        if (!first) start.set(name, tf.clone(now))
        const since = first ? tf.mul(tf.sub(now, first), 1 - MOMENTUM) : undefined
        applyMoments(network, new Map([[name, since ? tf.add(moment, since) : moment]]))
      }
  })
}
