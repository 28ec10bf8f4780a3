import {usageError} from '@abd/core'
import type {Calibration, CalibrationModel} from '@abd/core/audit'

export interface CalibrationPart {
  /** As the user wrote it, for errors. */
  readonly path: string
  readonly calibration: Pick<Calibration, 'detectors' | 'models'>
}

/**
 * What several calibrations know together: each model once, by its hash, with the statistics that any of them has of it. Where
 * two have the same statistic of a model the earlier part's stays: they differ by rounding at most. `versionOf` is a detector's version in this
 * abd, undefined for one that it does not have. Throws E_CALIBRATION_VERSION where a part other than the first has a detector in
 * another version than the parts before or this abd: its numbers are not on the same scale.
 */
export function uniteCalibrations(
  first: CalibrationPart,
  others: readonly CalibrationPart[],
  versionOf: (detector: string) => number | undefined,
): {versions: Record<string, number>; models: Map<string, CalibrationModel>} {
  const versions = {...first.calibration.detectors}
  const from = new Map(Object.keys(versions).map((name) => [name, first.path]))
  const models = new Map<string, CalibrationModel>()
  for (const part of [first, ...others]) {
    const {path, calibration} = part
    for (const [name, version] of part === first ? [] : Object.entries(calibration.detectors)) {
      const here = versionOf(name)
      if (here !== undefined && here !== version)
        throw otherVersion(name, [path, version], ['this abd', here], path)
      const before = versions[name] ?? version
      const earlier = from.get(name)!
      if (before !== version)
        throw otherVersion(name, [path, version], [earlier, before], here === version ? earlier : path)
      versions[name] = version
      if (!from.has(name)) from.set(name, path)
    }
    for (const model of calibration.models) {
      const before = models.get(model.sha256)
      const statistics = {...model.statistics, ...before?.statistics}
      models.set(model.sha256, {...(before ?? model), statistics})
    }
  }
  return {versions, models}
}

/** `stale` is the file whose models have to be run again. */
const otherVersion = (
  name: string,
  [path, version]: readonly [string, number],
  [where, other]: readonly [string, number],
  stale: string,
) =>
  usageError({
    code: 'E_CALIBRATION_VERSION',
    message: `${path} has version ${version} of ${name}, ${where} has version ${other}: their statistics cannot be put together.`,
    hints: [
      `Run abd detect calibrate on the models of ${stale} with this abd, into ${stale}: it computes what is of another version anew.`,
    ],
  })
