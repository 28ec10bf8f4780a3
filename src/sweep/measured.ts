import {z} from 'zod'
import type {Engine} from '../engine/engine.ts'

const device = z.enum(['cpu', 'gpu'])
const shares = {accuracyPercent: z.number(), asrPercent: z.number()}

/** What of the JSON of `abd attack train` is kept. */
const Trained = z.object({
  epochs: z.array(z.object({epoch: z.number(), ...shares})).min(1),
  engine: z.string(),
  device,
  kept: z.int().min(1),
})

/** And of `abd distill run`, `abd defend run`. */
const Distilled = z.object({
  configuration: z.object({engine: z.string(), teacher: z.object({sha256: z.string()})}),
  device,
  measured: z.object({
    student: z.object(shares),
    events: z.array(z.object({event: z.string()})),
    curve: z.array(z.object({step: z.number(), ...shares})),
  }),
})

/** Accuracy and ASR in percent, in the end and on the way. */
export interface Measured {
  readonly engine: string
  readonly device: Engine['device']
  readonly accuracyPercent: number
  readonly asrPercent: number
  /** By epochs for a teacher, by steps for a student. */
  readonly curve: readonly {
    readonly at: number
    readonly accuracyPercent: number
    readonly asrPercent: number
  }[]
}

/** Of what `abd attack train` printed: at the epoch that was kept. Throws ZodError. */
export function measuredOfTeacher(printed: unknown): Measured {
  const {epochs, engine, device, kept} = Trained.parse(printed)
  const {accuracyPercent, asrPercent} = epochs[kept - 1]!
  return {
    engine,
    device,
    accuracyPercent,
    asrPercent,
    curve: epochs.map(({epoch, ...shares}) => ({at: epoch, ...shares})),
  }
}

/** Of what a distillation printed: its student, its teacher's hash, what its defences said. Throws ZodError. */
export function measuredOfStudent(
  printed: unknown,
): Measured & {readonly teacher: string; readonly events: readonly string[]} {
  const {configuration, device, measured} = Distilled.parse(printed)
  const {student, curve, events} = measured
  return {
    engine: configuration.engine,
    device,
    teacher: configuration.teacher.sha256,
    accuracyPercent: student.accuracyPercent,
    asrPercent: student.asrPercent,
    curve: curve.map(({step, accuracyPercent, asrPercent}) => ({at: step, accuracyPercent, asrPercent})),
    events: events.map(({event}) => event),
  }
}
