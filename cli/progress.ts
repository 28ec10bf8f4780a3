import type {Progress, Task} from '@abd/core'
import {MultiBar} from 'cli-progress'
import {styleText} from 'node:util'
import {printableLine} from './printable.ts'
import {createTimeLeft} from './time-left.ts'

type Stream = NodeJS.WriteStream

/**
 * Bars with the time left on a terminal; elsewhere one line when a task ends and one every 30 s while it runs.
 * Tasks shorter than 2 s leave no trace on a terminal.
 */
export function createProgress({
  stream,
  now = () => performance.now(),
  signal,
}: {
  stream: Stream
  now?: () => number
  /** Once it is aborted, a task that ends before all is done was stopped. */
  signal?: AbortSignal
}): Progress & {
  stop(): void
} {
  return stream.isTTY ? createBars(stream, now) : createLines(stream, {now, signal})
}

function createBars(stream: Stream, now: () => number): Progress & {stop(): void} {
  let bars: MultiBar | undefined
  let open = 0
  const show = () =>
    (bars ??= new MultiBar({
      stream,
      hideCursor: true,
      clearOnComplete: false,
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      etaBuffer: 50,
      format: `${styleText('cyan', '{bar}', {stream})} {percentage}% {label} {note} {left}`,
    }))
  const stop = () => {
    bars?.stop()
    bars = undefined
    open = 0
  }
  return {
    start(label, total): Task {
      const began = now()
      const timeLeft = createTimeLeft(total, now)
      let done = 0
      let drawn = 0
      let ended = false
      let bar: ReturnType<MultiBar['create']> | null = null
      open++
      return {
        advance(steps = 1, note = '') {
          done = Math.min(total, done + steps)
          const left = timeLeft(done)
          const elapsed = now() - began
          if (elapsed < 300) return
          bar ??= show().create(total, 0, {label, note: '', left: ''})
          bar.update(done, {label, note, left: done < total ? `${duration(left)} left` : duration(elapsed)})
          // The loop below may never yield to a timer, so the bar is drawn from here, at most ten times a second.
          if (now() - drawn > 100 || done === total) {
            drawn = now()
            bars?.update()
          }
        },
        end() {
          if (ended) return
          ended = true
          open--
          if (bar) {
            bar.update(done, {label, note: '', left: duration(now() - began)})
            bars?.update()
          }
          if (open === 0) stop()
        },
      }
    },
    note(line) {
      if (bars) bars.log(`${printableLine(line)}\n`)
      else stream.write(`${printableLine(line)}\n`)
    },
    stop,
  }
}

function createLines(
  stream: Stream,
  {now, signal}: {now: () => number; signal: AbortSignal | undefined},
): Progress & {stop(): void} {
  // What fails ends early, too, and so does what needs fewer steps than it might have.
  const how = (done: number, total: number) =>
    done >= total
      ? 'done in'
      : signal?.aborted
        ? `stopped at ${Math.floor((100 * done) / total)} % after`
        : 'ended after'
  return {
    start(label, total): Task {
      const began = now()
      const timeLeft = createTimeLeft(total, now)
      let done = 0
      let said = began
      let ended = false
      return {
        advance(steps = 1, note = '') {
          done = Math.min(total, done + steps)
          const left = timeLeft(done)
          if (now() - said < 30_000 || done === 0) return
          said = now()
          stream.write(
            `${label}: ${Math.floor((100 * done) / total)} % ${note ? `${note} ` : ''}(${duration(left)} left)\n`,
          )
        },
        end() {
          if (ended) return
          ended = true
          const took = now() - began
          if (took > 2000) stream.write(`${label}: ${how(done, total)} ${duration(took)}\n`)
        },
      }
    },
    note: (line) => void stream.write(`${printableLine(line)}\n`),
    stop() {},
  }
}

/** 5 s, 2 min 05 s, 1 h 02 min. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
