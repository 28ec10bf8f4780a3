import {usageError} from '@abd/core'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar} from '@tensorflow/tfjs-core'

/** A loss that is computed only where it has a weight above 0. */
export type Term = readonly [weight: number, loss: () => Scalar]

/** Σ weight · loss, and what a defence has to add to that. */
export const weighedSum = (terms: readonly Term[], resistance: Scalar | undefined): Scalar =>
  tf.addN([
    ...terms.flatMap(([weight, loss]) => (weight > 0 ? [tf.mul<Scalar>(loss(), weight)] : [])),
    ...(resistance ? [resistance] : []),
  ])

/** Throws E_WEIGHTS where no loss of a synthesis has a weight, by the names of the options. */
export function checkWeights(weights: Readonly<Record<string, number>>): void {
  if (Object.values(weights).some((weight) => weight > 0)) return
  const names = Object.keys(weights)
  throw usageError({
    code: 'E_WEIGHTS',
    message: `Nothing is left to synthesise images by: ${names.join(', ')} are all 0.`,
    hints: [`Give one of them a weight, as in --set ${names[0]}=1.`],
  })
}
