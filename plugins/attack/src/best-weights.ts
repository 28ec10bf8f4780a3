import type {Network} from '@abd/core/nn'
import {cloneNetwork} from '@abd/core/nn'

/** Remembers what a network was like when it was at its best. */
export interface BestWeights extends Disposable {
  /** The network as it is now, with a score: kept where it is above all before. Was it? */
  offer(score: number): boolean
  /** Brings the network back to the best of what was offered. */
  restore(): void
}

export function bestWeights(network: Network): BestWeights {
  let best: {readonly score: number; readonly copy: Network} | undefined
  return {
    offer(score) {
      if (best && score <= best.score) return false
      best?.copy[Symbol.dispose]()
      best = {score, copy: cloneNetwork(network)}
      return true
    },
    restore() {
      best?.copy.parameters.forEach((weights, name) => network.parameters.get(name)!.assign(weights))
    },
    [Symbol.dispose]: () => best?.copy[Symbol.dispose](),
  }
}
