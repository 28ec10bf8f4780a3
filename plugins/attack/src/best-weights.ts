import type {Network} from '@abd/core/nn'
import {cloneNetwork} from '@abd/core/nn'
import type {Resumable} from '@abd/core/train'
import {resumableNetwork, savedTensor} from '@abd/core/train'

/** Remembers what a network was like when it was at its best. */
export interface BestWeights extends Disposable {
  /** The network as it is now, with a score: kept where it is above all before. Was it? */
  offer(score: number): boolean
  /** Brings the network back to the best of what was offered. */
  restore(): void
  /** The best so far, to go on with later. */
  readonly state: Resumable
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
    state: {
      async save() {
        if (!best) return new Map()
        const score = {dtype: 'float64' as const, shape: [], data: Float64Array.of(best.score)}
        return new Map([...(await resumableNetwork(best.copy).save()), [SCORE, score]])
      },
      async restore(saved) {
        if (saved.size === 0) return
        const copy = cloneNetwork(network)
        try {
          await resumableNetwork(copy).restore(saved)
          const score = Number(savedTensor(saved, SCORE, {dtype: 'float64', shape: []}).data[0])
          best?.copy[Symbol.dispose]()
          best = {score, copy}
        } finally {
          if (best?.copy !== copy) copy[Symbol.dispose]()
        }
      },
    },
    [Symbol.dispose]: () => best?.copy[Symbol.dispose](),
  }
}

const SCORE = 'score'
