import type {EngineName} from '../engine/engine.ts'
import {usageError} from '../errors.ts'
import {PACE_IMAGES} from './measure-pace.ts'
import type {Pace} from './measure-pace.ts'
import {choosePlan, profiles} from './plan.ts'
import type {Plan, Profile} from './plan.ts'

/** What a plan computes, in seconds for a WRN-16-1 of ten classes on 32 x 32 x 3 at the pace that stands beside them. */
interface Cost {
  /** Images through the network, whatever its number of classes. */
  readonly forward: number
  /** What is done for each class: inversions, margins; in `deep` also refined probes. */
  readonly classes: number
  /** Students distilled from it. */
  readonly students: number
}

interface Costs {
  /** Seconds for `PACE_IMAGES` images through a WRN-16-1 when these were measured. */
  readonly pace: number
  readonly of: Partial<Readonly<Record<Profile, Cost>>>
}

/**
 * Two cores with nothing else to do, somewhat more than was measured: docs/results.md, "What an audit costs". `deep` was last measured whole
 * on a busy machine; cpu is taken to need as many passes as wasm.
 */
const COSTS: Readonly<Record<EngineName, Costs>> = {
  tensorflow: {
    pace: 0.02,
    of: {
      quick: {forward: 30, classes: 12, students: 0},
      standard: {forward: 66, classes: 18, students: 130},
      deep: {forward: 106, classes: 400, students: 560},
    },
  },
  wasm: {pace: 0.074, of: {quick: {forward: 225, classes: 0, students: 0}}},
  cpu: {pace: 1, of: {quick: {forward: 3000, classes: 0, students: 0}}},
}

/** Seconds that an audit will take; undefined where the engine cannot do it. */
export function secondsOf(
  profile: Profile,
  {engine, classes, pace}: {engine: EngineName; classes: number; pace: Pace},
): number | undefined {
  const costs = COSTS[engine]
  const cost = costs.of[profile]
  if (!cost) return undefined
  const {forward, students} = cost
  return ((forward + (cost.classes * classes) / 10) * pace.teacher + students * pace.student) / costs.pace
}

/**
 * The largest profile that will be done within `budget` seconds, judged before anything else is computed by how long images take
 * through this network on this machine, and by its classes. Throws E_BUDGET where none will.
 */
export function planWithin(
  budget: number,
  of: {readonly engine: EngineName; readonly classes: number; readonly pace: Pace},
): Plan {
  const expected = profiles.map((profile) => ({profile, seconds: secondsOf(profile, of)}))
  const fitting = expected.findLast(({seconds}) => seconds !== undefined && seconds <= budget)
  if (fitting) return choosePlan(of.engine, {profile: fitting.profile}).plan
  const needed = Math.ceil(expected[0]!.seconds!)
  throw usageError({
    code: 'E_BUDGET',
    message: `No plan fits ${budget} s: the shortest will take about ${needed} s on the engine '${of.engine}' (${PACE_IMAGES} images pass through this network in ${of.pace.teacher.toPrecision(2)} s).`,
    hints: [`Use --budget ${Math.ceil(needed * 1.1)}s or more.`],
  })
}
