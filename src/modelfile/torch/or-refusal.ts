import {AbdError} from '../../errors.ts'
import {noWeightsPlan, type Plan} from '../plan.ts'
import type {Parsed} from '../reader.ts'

/** A sound file without weights, or with weights of a kind that abd does not read: what was found in it still counts. */
export async function orRefusal(scan: Plan['scan'], plan: () => Promise<Plan>): Promise<Parsed> {
  try {
    return {plan: await plan()}
  } catch (error) {
    if (error instanceof AbdError && (error.code === 'E_NO_WEIGHTS' || error.code === 'E_DTYPE'))
      return {plan: noWeightsPlan([...scan]), refusal: error}
    throw error
  }
}
