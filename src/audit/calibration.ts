import {createRequire} from 'node:module'
import {z} from 'zod'
import {environmentError} from '../errors.ts'
import {quantile} from '../math/quantile.ts'
import {parseJson} from '../parse-json.ts'
import {readTextFile, reasonOf} from '../read-text-file.ts'
import type {Architecture} from '../nn/architecture.ts'
import {LEAST_FOR_FUSION, LEAST_FOR_NULL, likest, ofOthers} from './likeness.ts'
import type {Likeness} from './likeness.ts'

/** What is remembered of a clean model: where it came from and what every detector said of it. No weights, no images. */
export const CalibrationModel = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  dataset: z.string(),
  architecture: z.string(),
  classes: z.int().min(2),
  input: z.tuple([z.int(), z.int(), z.int()]),
  seed: z.int(),
  recipe: z.string(),
  statistics: z.record(z.string(), z.number()),
})
export type CalibrationModel = z.infer<typeof CalibrationModel>

export const Calibration = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  /** Detector versions: statistics of another version do not count. */
  detectors: z.record(z.string(), z.int()),
  models: z.array(CalibrationModel),
})
export type Calibration = z.infer<typeof Calibration>

const MAX_BYTES = 64 * 2 ** 20

/** The calibration in a file; by default the one that ships with abd. Throws E_CALIBRATION. */
export async function readCalibration(
  path = createRequire(import.meta.url).resolve('#assets/calibration.json'),
): Promise<Calibration> {
  const text = await readTextFile(path, {most: MAX_BYTES}).catch((cause: unknown) => {
    throw environmentError({
      code: 'E_CALIBRATION',
      message: `The calibration ${path} cannot be read: ${reasonOf(cause)}.`,
      hints: ['Check the path; abd detect calibrate writes such files.'],
      cause,
    })
  })
  return parseCalibration(text, path)
}

/** Throws E_CALIBRATION, naming the file. */
export function parseCalibration(text: string, path: string): Calibration {
  const refuse = (why: string, cause?: unknown) =>
    environmentError({
      code: 'E_CALIBRATION',
      message: `${path} is no calibration: ${why}`,
      hints: ['Make one with: abd detect calibrate FOLDER --out calibration.json'],
      cause,
    })
  return parseJson(text, Calibration, refuse)
}

/** The null of one detector, to show beside a model's own statistic. */
export interface Null {
  /** Share of clean models at least as extreme, counting the model itself: (1 + n≥) / (n + 1). */
  pValue(statistic: number): number
  /** 5 %, 50 % and 95 % quantile. */
  readonly band: readonly [number, number, number]
  /** The largest there is. */
  readonly most: number
  readonly models: number
}

/** What an audit needs of a calibration for one model and one set of detectors. */
export interface Reference {
  readonly id: string
  readonly likeness: Likeness
  readonly note?: string
  /** Clean models that rank the fused statistic. */
  readonly rankedBy: number
  readonly smallestP: number
  null(detector: string): Null | undefined
  /** The detectors that are put together. */
  readonly fused: readonly string[]
  /** One fused statistic and its p-value; undefined where a detector of the plan has no null. */
  fuse(statistics: ReadonlyMap<string, number>): Fused | undefined
}

export interface Fused {
  readonly statistic: number
  /** Exact for exchangeable models: a verdict may rest on it. */
  readonly pValue: number
  /** The same share with every ranking model blurred: no two statistics have the same. For the score alone. */
  readonly smoothed: number
}

/**
 * Every clean model and the one under audit is standardised by all the others (robust z-scores of each detector), its z-scores
 * are fused into one statistic (their weighted mean, each kept within −2 … 6 so that no single detector can hide or dominate the others),
 * and the audited model is ranked once among them all: p = (1 + #{clean ≥ this}) / (n + 1). As no model's statistic depends on
 * the order of the others, p is exact for exchangeable models whatever the detectors are (full conformal p-value: Vovk, Gammerman
 * and Shafer, Algorithmic Learning in a Random World, 2005, section 2.2).
 *
 * Which of the detectors that have a weight are put together is a matter of the calibration alone, never of the model: those whose
 * statistic all clean models at hand have, or at least 19 of them, which then are those that standardise and rank. A detector that came later thus changes no
 * p-value until it has been run on enough clean models; before, it is shown beside its own null.
 */
export function referenceFor(
  calibration: Calibration,
  model: {architecture: Architecture; sha256: string},
  detectors: readonly {name: string; version: number; weight: number}[],
): Reference {
  const usable = detectors.filter(({name, version}) => calibration.detectors[name] === version)
  const candidates = usable.filter(({weight}) => weight > 0)
  // A model that is itself in the calibration is not judged by its own statistics.
  const others = calibration.models.filter((other) => other.sha256 !== model.sha256)
  const {likeness, models} = likest(others, model.architecture, ({statistics}) =>
    candidates.every(({name}) => statistics[name] !== undefined),
  )
  const counted: string[] = []
  const weights: number[] = []
  let complete = models
  for (const {name, weight} of candidates) {
    const having = complete.filter(({statistics}) => statistics[name] !== undefined)
    const enough = having.length === complete.length || having.length >= LEAST_FOR_FUSION
    if (having.length === 0 || !enough) continue
    counted.push(name)
    weights.push(weight)
    complete = having
  }
  const statisticsOf = (from: readonly CalibrationModel[], name: string) =>
    from.flatMap((one) => (one.statistics[name] === undefined ? [] : [one.statistics[name]]))
  const clean =
    counted.length > 0 ? complete.map((model) => counted.map((name) => model.statistics[name]!)) : []

  const alone = candidates
    .filter(({name}) => !counted.includes(name))
    .map(({name}) => ({name, count: statisticsOf(models, name).length}))
    .filter(({count}) => count > 0)
  const note = [
    ...(likeness === 'kind' ? [] : [ofOthers(likeness, model.architecture, calibration.models)]),
    ...(likeness === 'unlike' ? [] : alone.map(({name, count}) => notFused(name, count, models.length))),
  ].join(' ')
  return {
    id: calibration.id,
    likeness,
    ...(note === '' ? {} : {note}),
    rankedBy: clean.length,
    smallestP: 1 / (clean.length + 1),
    null: (detector) => {
      const values = usable.some(({name}) => name === detector)
        ? statisticsOf(models, detector).sort((a, b) => a - b)
        : []
      if (values.length < Math.min(LEAST_FOR_NULL, models.length)) return undefined
      return {
        pValue: (statistic) =>
          (1 + values.filter((value) => value >= statistic).length) / (values.length + 1),
        band: [quantile(values, 0.05), quantile(values, 0.5), quantile(values, 0.95)],
        most: values.at(-1)!,
        models: values.length,
      }
    },
    fused: counted,
    fuse: (statistics) => {
      const own = counted.flatMap((name) => statistics.get(name) ?? [])
      if (own.length < counted.length || clean.length === 0) return undefined
      const statistic = fused(own, clean, weights)
      const others = clean.map((one, i) =>
        fused(one, [...clean.slice(0, i), own, ...clean.slice(i + 1)], weights),
      )
      return {
        statistic,
        pValue: (1 + others.filter((value) => value >= statistic).length) / (others.length + 1),
        smoothed: smoothedShare(others, statistic),
      }
    },
  }
}

/** The weighted mean of a model's z-scores, each by median and spread of the other models and kept within −2 … 6. A row holds a model's statistics. */
function fused(
  model: readonly number[],
  others: readonly (readonly number[])[],
  weights: readonly number[],
): number {
  const scores = model.map((value, i) => {
    const {centre, spread} = robustScale(others.map((other) => other[i]!))
    return weights[i]! * Math.min(6, Math.max(-2, (value - centre) / spread))
  })
  return sum(scores) / sum(weights)
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const notFused = (name: string, count: number, all: number): string =>
  `${name} is not among the signals taken together: ${count} of ${all} clean models have its statistic, and ${LEAST_FOR_FUSION} are needed.`

/** Median and 1.4826 · MAD, the latter at least a thousandth of the largest value so that a constant does not divide by 0. */
function robustScale(values: readonly number[]): {centre: number; spread: number} {
  const sorted = [...values].sort((a, b) => a - b)
  const centre = quantile(sorted, 0.5)
  const deviations = sorted.map((value) => Math.abs(value - centre)).sort((a, b) => a - b)
  const floor = 1e-3 * Math.max(1e-6, ...sorted.map(Math.abs))
  return {centre, spread: Math.max(1.4826 * quantile(deviations, 0.5), floor)}
}

/**
 * Share of values beyond one, each blurred by a logistic distribution as wide as Silverman's rule has it; the value's own half
 * is counted, so that it is never 0.
 */
function smoothedShare(values: readonly number[], at: number): number {
  const width = 0.9 * robustScale(values).spread * values.length ** -0.2
  const beyond = values.reduce((sum, value) => sum + 1 / (1 + Math.exp((at - value) / width)), 0)
  return (0.5 + beyond) / (values.length + 1)
}
