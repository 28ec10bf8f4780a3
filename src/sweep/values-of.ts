import {z} from 'zod'
import {environmentError} from '../errors.ts'
import type {Job} from './job.ts'
import type {JobResult} from './job-result.ts'
import {measuredOfStudent, measuredOfTeacher} from './measured.ts'
import type {Measured} from './measured.ts'

type Values = Pick<JobResult, 'values' | 'curve'>

/**
 * The numbers that are kept of what a job printed. Where the plan does not name them: accuracy and ASR of teachers and
 * students, an audit's score, of other programs every number at the top. Throws E_JOB where they are not there.
 */
export function valuesOf(
  job: Pick<Job, 'program' | 'words' | 'results' | 'curve'>,
  printed: unknown,
): Values {
  try {
    const command = job.program === null ? job.words.slice(0, 2).join(' ') : ''
    const known = job.results ? undefined : (knownCommands[command] ?? knownCommands[command.split(' ')[0]!])
    const own = known?.(printed)
    return {
      values:
        own?.values ??
        (job.results
          ? Object.fromEntries(
              Object.entries(job.results).map(([name, path]) => [name, numberAt(printed, path)]),
            )
          : numbersIn(printed)),
      curve: job.curve === null ? (own?.curve ?? []) : curveAt(printed, job.curve),
    }
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; ')
        : error instanceof MissingValue
          ? error.message
          : undefined
    if (why === undefined) throw error
    throw environmentError({code: 'E_JOB', message: `What the command printed is not its result: ${why}.`})
  }
}

class MissingValue extends Error {}

const knownCommands: Readonly<Record<string, (printed: unknown) => Values>> = {
  'attack train': (printed) => ofMeasured(measuredOfTeacher(printed)),
  'distill run': (printed) => ofMeasured(measuredOfStudent(printed)),
  'defend run': (printed) => ofMeasured(measuredOfStudent(printed)),
  audit(printed) {
    const [report] = Audited.parse(printed)
    const {verdict, score} = report!
    return {
      values: {...(score === null ? {} : {score}), blocked: verdict === 'block' ? 100 : 0},
      curve: [],
    }
  },
}

const Audited = z.array(z.object({verdict: z.string(), score: z.number().nullable()})).length(1)

const ofMeasured = ({accuracyPercent, asrPercent, curve}: Measured): Values => ({
  values: {accuracy: hundredths(accuracyPercent), asr: hundredths(asrPercent)},
  curve: curve.map((point) => ({
    at: point.at,
    accuracy: hundredths(point.accuracyPercent),
    asr: hundredths(point.asrPercent),
  })),
})

/** To what ten thousand test images can tell. */
const hundredths = (percent: number): number => Math.round(100 * percent) / 100

/** `a.0.b`; a number from the end is -1. */
function at(printed: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner.at(Number(key)) as unknown
    return typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
      ? (inner as Record<string, unknown>)[key]
      : undefined
  }, printed)
}

function numberAt(printed: unknown, path: string): number {
  const value = at(printed, path)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'number') throw new MissingValue(`the number at ${path} is not finite`)
  if (typeof value === 'boolean') return value ? 1 : 0
  throw new MissingValue(`there is no number at ${path}`)
}

const numbersIn = (printed: unknown): Record<string, number> =>
  typeof printed === 'object' && printed !== null
    ? Object.fromEntries(
        Object.entries(printed)
          .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
          .map(([name]) => [name, numberAt(printed, name)]),
      )
    : {}

function curveAt(printed: unknown, path: string): Values['curve'] {
  const points = at(printed, path)
  if (!Array.isArray(points)) throw new MissingValue(`there is no array at ${path}`)
  return points.map((point, i) => {
    const {step, epoch, at: place, ...rest} = numbersIn(point)
    return {at: place ?? step ?? epoch ?? i, ...rest}
  })
}
