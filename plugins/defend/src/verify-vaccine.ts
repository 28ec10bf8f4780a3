import type {Images} from '@abd/core/data'
import {shuffleTail} from '@abd/core/math'
import type {Model, ShuffledEnsemble} from '@abd/core/nn'
import {compareShuffled} from './compare-shuffled.ts'

/** Shuffles in all, as in the reference implementation. */
const TRIALS = 8

export interface Verified {
  /** The first whose tail is heavy enough; null where none is. */
  readonly ensemble: ShuffledEnsemble | null
  /** Of every trial, 0 to 1. */
  readonly tails: readonly number[]
}

/**
 * Looks for a shuffling that finds something to suspect: more than 2 % of the images beyond three standard deviations of
 * log10 d (Hong et al., ICML 2023, section 4.1). `ensemble` is tried first, then others; those that fail are disposed of.
 */
export async function verifyVaccine(
  teacher: Model,
  images: Images,
  {first, shuffle}: {readonly first: ShuffledEnsemble; shuffle(trial: number): ShuffledEnsemble},
): Promise<Verified> {
  const tails: number[] = []
  for (let trial = 0; trial < TRIALS; trial++) {
    const ensemble = trial === 0 ? first : shuffle(trial)
    let found = false
    try {
      const tail = shuffleTail((await compareShuffled(teacher, ensemble, images)).divergences)
      tails.push(tail.ratio)
      found = tail.found
    } finally {
      if (!found) ensemble[Symbol.dispose]()
    }
    if (found) return {ensemble, tails}
  }
  return {ensemble: null, tails}
}
