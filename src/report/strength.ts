import {beyondControls} from '../audit/by-strength.ts'
import {Policy} from '../audit/policy.ts'
import type {Demonstration, Report} from '../audit/report-schema.ts'

/** What the report's own policy makes of a demonstration: `works` blocks, `partly` asks for a review. */
export type Strength = 'works' | 'partly' | 'weak'

/** The thresholds in force, as the report states them. */
export function thresholds({policy}: Pick<Report, 'policy'>): Policy {
  const parsed = Policy.safeParse(policy.values)
  return parsed.success ? parsed.data : Policy.parse({})
}

export function strengthOf(
  one: Pick<Demonstration, 'asr' | 'controlAsr' | 'on'>,
  {demonstration, transfer}: Policy,
): Strength {
  const {asr, on} = one
  if (beyondControls(one) < demonstration.margin) return 'weak'
  if (asr >= (on === 'teacher' ? demonstration.asr : transfer.studentAsr)) return 'works'
  return asr >= demonstration.partial ? 'partly' : 'weak'
}
