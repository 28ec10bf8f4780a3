import * as tf from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'
import type {Context} from '../context.ts'
import type {Capture} from '../engine/engine.ts'
import {usageError} from '../errors.ts'
import type {Defence, Distiller, Losses} from '../method.ts'

export interface DistilOptions {
  readonly context: Pick<Context, 'engine' | 'progress' | 'signal'>
  /** What people read beside the bar. */
  readonly label: string
  /** Losses are read back every so many steps, and after the last. */
  readonly every?: number
  /** Awaited, where it gives a promise. */
  onLosses?(step: number, losses: LossValues): unknown
  /** The distiller's own, asked before each step. */
  readonly defence?: Defence
  /** Steps that were taken before, in a run that is taken up again. */
  readonly from?: number
  /** Parts of the next that were, too. */
  readonly fromPart?: number
  /**
   * Awaited where losses are read back, and when aborted: so many steps are done, and parts of the next, and student and
   * distiller are as they left them.
   */
  keep?(done: number, parts: number): Promise<void>
  /** What a defence has to say for the record; it is noted in any case. */
  onEvent?(step: number, event: string): void
}

export type LossValues = Readonly<Record<string, number>>

/**
 * Takes all the steps of a distiller, and gives the last losses. The only loop there is round a distiller: it alone
 * awaits, shows how far things are and stops when aborted, between two parts of a step where it has such. The student is
 * where the last step left it.
 */
export async function distil(
  distiller: Distiller,
  {
    context: {engine, progress, signal},
    label,
    every = 20,
    from = 0,
    fromPart = 0,
    onLosses,
    keep,
    defence,
    onEvent,
  }: DistilOptions,
): Promise<LossValues> {
  checkStage(distiller, defence)
  await distiller.prepare?.()
  const own = ownOptimiser(distiller, defence)
  if (own && (from > own.from || (from === own.from && fromPart > 0))) own.begin('goes on')
  using capture = engine.capture({
    label: 'A step of distillation',
    times: distiller.steps,
    note: (line) => progress.note(line),
  })
  const task = progress.start(label, distiller.steps - from)
  const sample = (count: number) => distiller.sample(count)
  let latest: LossValues = {}
  let parts = fromPart
  let keptAt: number | undefined
  try {
    for (let step = from; step < distiller.steps; step++) {
      if (signal.aborted) {
        if (keptAt !== step) await keep?.(step, parts)
        signal.throwIfAborted()
      }
      if (parts === 0) {
        if (step === own?.from) own.begin('begins')
        for (const event of (await defence?.beforeStep?.(step, sample)) ?? []) {
          progress.note(event)
          onEvent?.(step, event)
        }
        await distiller.beforeStep?.(step)
      }
      const taken = await take(distiller, {step, parts}, capture, signal)
      if (!taken.losses) {
        await keep?.(step, taken.parts)
        throw signal.reason
      }
      parts = 0
      const isLogged = (step + 1) % every === 0 || step === distiller.steps - 1
      try {
        if (isLogged) {
          latest = await read(taken.losses)
          await onLosses?.(step, latest)
        }
      } finally {
        tf.dispose(taken.losses)
      }
      if (isLogged) {
        await keep?.(step + 1, 0)
        keptAt = step + 1
      }
      task.advance(1, inWords(latest))
      // Without it Ctrl-C would wait for the end: kernels run synchronously.
      await nextTurn()
    }
  } finally {
    task.end()
  }
  return latest
}

/** Throws E_STAGE where a defence wants an optimiser for the student and the distiller knows no stage. */
export function checkStage(distiller: Distiller, defence: Defence | undefined): void {
  if (!defence?.ownOptimiser || distiller.beginStage) return
  throw usageError({
    code: 'E_STAGE',
    message:
      'The student cannot have an optimiser of its own for the rest of a run: this method knows no stage.',
    hints: ['Leave out learningRate, or set it to 0: --set defence.learningRate=0.'],
  })
}

/** Where in this run the student's optimiser begins anew, if a defence wants that. */
function ownOptimiser(distiller: Distiller, defence: Defence | undefined) {
  const {steps} = distiller
  const own = defence?.ownOptimiser?.(steps)
  if (!own) return undefined
  const {from, learningRate} = own
  return {
    from,
    begin: (within: 'begins' | 'goes on') =>
      distiller.beginStage!({from, steps: steps - from, learningRate, within}),
  }
}

type Taken = {readonly losses: Losses} | {readonly losses?: undefined; readonly parts: number}

/** A whole step, or so many parts of it when aborted on the way; what runs in one go is captured. */
async function take(
  distiller: Distiller,
  {step, parts: done}: {readonly step: number; readonly parts: number},
  capture: Capture,
  signal: AbortSignal,
): Promise<Taken> {
  if (!distiller.parts) return {losses: capture.run(() => tf.tidy(() => distiller.step(step)))}
  const parts = distiller.parts(step, done)
  try {
    for (let taken = done + 1; ; taken++) {
      const part = capture.run(() => parts.next())
      if (part.done) return {losses: part.value}
      await nextTurn()
      if (signal.aborted) return {parts: taken}
    }
  } finally {
    parts.return({})
  }
}

async function read(losses: Losses): Promise<LossValues> {
  const entries = await Promise.all(
    Object.entries(losses).map(async ([name, loss]) => [name, (await loss.data())[0]!] as const),
  )
  return Object.fromEntries(entries)
}

const inWords = (losses: LossValues) =>
  Object.entries(losses)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(' ')
