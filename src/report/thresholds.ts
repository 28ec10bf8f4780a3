import {Policy} from '../audit/policy.ts'
import type {Report} from '../audit/report-schema.ts'

/** The thresholds in force, as the report states them. */
export function thresholds({policy}: Pick<Report, 'policy'>): Policy {
  const parsed = Policy.safeParse(policy.values)
  return parsed.success ? parsed.data : Policy.parse({})
}
