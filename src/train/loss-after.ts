import type {Scalar} from '@tensorflow/tfjs-core'
import type {Correction} from '../method.ts'
import {applyMomentsInTurn} from '../nn/apply-moments.ts'
import type {Network} from '../nn/model.ts'

/** The loss of a correction for the log, once its step is taken; asking for that may move running statistics. */
export function lossAfter(network: Network, {loss, afterStep}: Correction): Scalar {
  if (!afterStep) return loss
  const after = afterStep()
  applyMomentsInTurn(network, after.moments)
  return after.loss
}
