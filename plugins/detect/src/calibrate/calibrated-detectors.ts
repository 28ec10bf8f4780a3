import type {Context, Registry} from '@abd/core'
import type {Plan, Profile} from '@abd/core/audit'
import {planOf} from '@abd/core/audit'

export type CalibratedDetector = Plan['detectors'][number] & {readonly version: number}

/**
 * The detectors of a profile that say something of a clean model when nothing but its file is there: all but those that need
 * images of the task, which no calibration has.
 */
export function calibratedDetectors(
  profile: Profile,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
): CalibratedDetector[] {
  return planOf(profile).detectors.flatMap(({name, options}) => {
    const {version, needsTaskImages} = registry.create('detector', name, options, context)
    return needsTaskImages ? [] : [{name, options, version}]
  })
}
