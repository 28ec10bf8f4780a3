import {z} from 'zod'
import {Cell} from './cell.ts'
import type {Job} from './job.ts'

const share = z.number().min(0).max(1)

/** What of the JSON of `abd attack train` becomes a cell. */
const Trained = z.object({
  epochs: z.array(z.object({epoch: z.number(), accuracy: share, asr: share})).min(1),
  engine: z.string(),
  kept: z.int().min(1),
})

/** And of `abd distill run`. */
const Distilled = z.object({
  configuration: z.object({engine: z.string(), teacher: z.object({sha256: z.string()})}),
  measured: z.object({
    student: z.object({accuracy: share, asr: share}),
    events: z.array(z.object({event: z.string()})),
    curve: z.array(z.object({step: z.number(), accuracy: share, asr: share})),
  }),
})

/**
 * A job's cell, of what its command printed; `weights` is the SHA-256 of the file that it wrote. Throws a ZodError where
 * something else was printed.
 */
export function cellOf(
  job: Job,
  printed: unknown,
  {weights, seconds}: {readonly weights: string; readonly seconds: number},
): Cell {
  const {engine, teacher, at, curve, events} = job.place
    ? ofStudent(printed)
    : {...ofTeacher(printed), teacher: weights}
  return Cell.parse({
    version: 1,
    name: job.name,
    command: [...job.command('.')],
    teacher,
    ...inPercent(at),
    curve: curve.map((point) => ({at: point.at, ...inPercent(point)})),
    events,
    seconds,
    engine,
  })
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

const inPercent = ({accuracy, asr}: {readonly accuracy: number; readonly asr: number}) => ({
  accuracyPercent: rounded(100 * accuracy),
  asrPercent: rounded(100 * asr),
})

/** To what a thousand test images can tell. */
const rounded = (percent: number): number => Math.round(100 * percent) / 100
