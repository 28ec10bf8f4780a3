import type {Context, Registry} from '@abd/core'
import {nearest, usageError} from '@abd/core'
import type {Plan, Profile} from '@abd/core/audit'
import {planOf} from '@abd/core/audit'

export type CalibratedDetector = Plan['detectors'][number] & {readonly version: number}

/**
 * The detectors of a profile that say something of a clean model when nothing but its file is there: all but those that need
 * images of the task, which no calibration has; with `only`, of these the named ones. Throws E_DETECTOR for a name that is none of them.
 */
export function calibratedDetectors(
  profile: Profile,
  {
    only = [],
    registry,
    context,
  }: {readonly only?: readonly string[]; readonly registry: Registry; readonly context: Context},
): CalibratedDetector[] {
  const all = planOf(profile).detectors.flatMap(({name, options}) => {
    const {version, needsTaskImages} = registry.create('detector', name, options, context)
    return needsTaskImages ? [] : [{name, options, version}]
  })
  const names = all.map(({name}) => name)
  for (const name of only) {
    if (names.includes(name)) continue
    const meant = nearest(name, names)
    throw usageError({
      code: 'E_DETECTOR',
      message: `A calibration of the profile ${profile} has no detector '${name}'.`,
      hints: [...(meant ? [`Did you mean '${meant}'?`] : []), `It has: ${names.join(', ')}.`],
    })
  }
  return only.length > 0 ? all.filter(({name}) => only.includes(name)) : all
}
