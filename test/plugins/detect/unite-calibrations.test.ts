import {expect, test} from 'vitest'
import {uniteCalibrations} from '../../../plugins/detect/src/calibrate/unite-calibrations.ts'

const part = (path: string, version: number) => ({
  path,
  calibration: {detectors: {last_layer: version}, models: []},
})

test.each([
  ['the file that is gone on with', 1, 2, 'out.json'],
  ['the one that is merged', 2, 1, 'one.json'],
])('of two versions of a detector the remedy names the stale file: %s', (_, first, other, stale) => {
  expect(() => uniteCalibrations(part('out.json', first), [part('one.json', other)], () => 2)).toThrow(
    expect.objectContaining({
      code: 'E_CALIBRATION_VERSION',
      hints: [expect.stringContaining(`on the models of ${stale} with this abd, into ${stale}:`)],
    }),
  )
})
