import * as tf from '@tensorflow/tfjs-core'
import {setImmediate as nextTurn} from 'node:timers/promises'
import type {Context} from '../context.ts'
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
  /** Awaited where losses are read back, and when aborted: so many steps are done, and student and distiller are as they left them. */
  keep?(done: number): Promise<void>
  /** What a defence has to say for the record; it is noted in any case. */
  onEvent?(step: number, event: string): void
}

export type LossValues = Readonly<Record<string, number>>

/**
 * Takes all the steps of a distiller, and gives the last losses. The only loop there is round a distiller: it alone
 * awaits, shows how far things are and stops when aborted. The student is where the last step left it.
 */
export async function distil(
  distiller: Distiller,
  {
    context: {engine, progress, signal},
    label,
    every = 20,
    from = 0,
    onLosses,
    keep,
    defence,
    onEvent,
  }: DistilOptions,
): Promise<LossValues> {
  await distiller.prepare?.()
  using capture = engine.capture({
    label: 'A step of distillation',
    times: distiller.steps,
    note: (line) => progress.note(line),
  })
  const task = progress.start(label, distiller.steps - from)
  const sample = (count: number) => distiller.sample(count)
  let latest: LossValues = {}
  try {
    for (let step = from; step < distiller.steps; step++) {
      if (signal.aborted) {
        await keep?.(step)
        signal.throwIfAborted()
      }
      for (const event of (await defence?.beforeStep?.(step, sample)) ?? []) {
        progress.note(event)
        onEvent?.(step, event)
      }
      await distiller.beforeStep?.(step)
      const losses = capture.run(() => tf.tidy(() => distiller.step(step)))
      const isLogged = (step + 1) % every === 0 || step === distiller.steps - 1
      try {
        if (isLogged) {
          latest = await read(losses)
          await onLosses?.(step, latest)
        }
      } finally {
        tf.dispose(losses)
      }
      if (isLogged) await keep?.(step + 1)
      task.advance(1, inWords(latest))
      // Without it Ctrl-C would wait for the end: kernels run synchronously.
      await nextTurn()
    }
  } finally {
    task.end()
  }
  return latest
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
