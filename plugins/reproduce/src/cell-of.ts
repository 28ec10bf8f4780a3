import {environmentError} from '@abd/core'
import {measuredOfStudent, measuredOfTeacher} from '@abd/core/sweep'
import {z} from 'zod'
import {Cell} from './cell.ts'
import type {Shares} from './cell.ts'
import type {Job} from './job.ts'

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
    const {engine, device, teacher, curve, events, ...shares} = job.place
      ? measuredOfStudent(printed)
      : {...measuredOfTeacher(printed), teacher: weights, events: []}
    return Cell.parse({
      version: 1,
      name: job.name,
      command: [...job.command('.')],
      teacher,
      ...rounded(shares),
      curve: curve.map((point) => ({at: point.at, ...rounded(point)})),
      events: [...events],
      seconds,
      engine,
      device,
    })
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    throw environmentError({
      code: 'E_JOB',
      message: `What the command printed is not its result: ${error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; ')}.`,
    })
  }
}

/** To what ten thousand test images can tell. */
const rounded = ({accuracyPercent, asrPercent}: Shares): Shares => ({
  accuracyPercent: Math.round(100 * accuracyPercent) / 100,
  asrPercent: Math.round(100 * asrPercent) / 100,
})
