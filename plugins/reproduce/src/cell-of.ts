import {environmentError} from '@abd/core'
import {z} from 'zod'
import {Cell} from './cell.ts'
import type {Shares} from './cell.ts'
import type {Job} from './job.ts'

const shares = {accuracyPercent: z.number(), asrPercent: z.number()}

/** What of the JSON of `abd attack train` becomes a cell. */
const Trained = z.object({
  epochs: z.array(z.object({epoch: z.number(), ...shares})).min(1),
  engine: z.string(),
  kept: z.int().min(1),
})

/** And of `abd distill run`. */
const Distilled = z.object({
  configuration: z.object({engine: z.string(), teacher: z.object({sha256: z.string()})}),
  measured: z.object({
    student: z.object({...shares}),
    events: z.array(z.object({event: z.string()})),
    curve: z.array(z.object({step: z.number(), ...shares})),
  }),
})

/**
 * A job's cell, of what its command printed; `weights` is the SHA-256 of the file that it wrote. Throws E_JOB where
 * something else was printed.
 */
export function cellOf(
  job: Job,
  printed: unknown,
  {weights, seconds}: {readonly weights: string; readonly seconds: number},
): Cell {
  try {
    const {engine, teacher, at, curve, events} = job.place
      ? ofStudent(printed)
      : {...ofTeacher(printed), teacher: weights}
    return Cell.parse({
      version: 1,
      name: job.name,
      command: [...job.command('.')],
      teacher,
      ...rounded(at),
      curve: curve.map((point) => ({at: point.at, ...rounded(point)})),
      events,
      seconds,
      engine,
    })
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    throw environmentError({
      code: 'E_JOB',
      message: `What the command printed is not its result: ${error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; ')}.`,
    })
  }
}

function ofTeacher(printed: unknown) {
  const {epochs, engine, kept} = Trained.parse(printed)
  return {
    engine,
    at: epochs[kept - 1]!,
    curve: epochs.map(({epoch, ...shares}) => ({at: epoch, ...shares})),
    events: [],
  }
}

function ofStudent(printed: unknown) {
  const {configuration, measured} = Distilled.parse(printed)
  const {student, curve, events} = measured
  return {
    engine: configuration.engine,
    teacher: configuration.teacher.sha256,
    at: student,
    curve: curve.map(({step, ...shares}) => ({at: step, ...shares})),
    events: events.map(({event}) => event),
  }
}

/** To what ten thousand test images can tell. */
const rounded = ({accuracyPercent, asrPercent}: Shares): Shares => ({
  accuracyPercent: Math.round(100 * accuracyPercent) / 100,
  asrPercent: Math.round(100 * asrPercent) / 100,
})
