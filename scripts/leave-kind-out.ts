// What a p-value is worth where a calibration has no model of the kind: every kind of the shipped clean models is taken out, and each
// of its models is ranked among what is left, as `abd audit --profile quick` ranks one of an unknown kind. All are clean, so 5 % of
// them should have p <= 0.05.
//   node --conditions=@abd/source scripts/leave-kind-out.ts
import {table} from '@abd/cli'
import type {CalibrationModel} from '@abd/core/audit'
import {planOf, readCalibration, referenceFor, signalWeights} from '@abd/core/audit'
import {architectureByName} from '@abd/core/nn'

const weights = Object.entries(signalWeights(planOf('quick')))

const calibration = await readCalibration()
const detectors = weights.map(([name, weight]) => ({name, version: calibration.detectors[name]!, weight}))
const isComplete = ({statistics}: CalibrationModel) =>
  weights.every(([name]) => statistics[name] !== undefined)
const kindOf = ({architecture, classes, input}: CalibrationModel) =>
  `${architecture}, ${classes} classes, ${input[2] === 1 ? 'grey' : 'colours'}`

const kinds = Map.groupBy(calibration.models.filter(isComplete), kindOf)
const rows = [...kinds].map(([kind, models]) => {
  const rest = {...calibration, models: calibration.models.filter((one) => kindOf(one) !== kind)}
  const ranked = models.map(({architecture: name, classes, input, sha256, statistics}) => {
    const architecture = architectureByName(name, {classes, input})
    const reference = referenceFor(rest, {architecture, sha256}, detectors)
    return {reference, p: reference.fuse(new Map(Object.entries(statistics)))!.pValue}
  })
  const {likeness, rankedBy} = ranked[0]!.reference
  const upTo = (level: number) => `${ranked.filter(({p}) => p <= level).length}`
  return [kind, `${models.length}`, likeness, `${rankedBy}`, ...[0.01, 0.05, 0.1, 0.5].map(upTo)]
})
const head = ['kind taken out', 'models', 'the rest is', 'rank', 'p <= 0.01', '<= 0.05', '<= 0.1', '<= 0.5']
process.stdout.write(
  `${calibration.id}\n${table(
    head,
    rows,
    head.map((_, i) => i).filter((i) => i !== 0 && i !== 2),
  )}\n`,
)
