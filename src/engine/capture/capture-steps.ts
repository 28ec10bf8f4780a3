import type {Capture, CaptureOptions} from '../engine.ts'
import type {TensorFlowBackend} from '../tensorflow-backend.ts'
import {openGraph} from './graph-session.ts'
import type {GraphSession} from './graph-session.ts'
import {runEagerly} from './run-eagerly.ts'
import {interceptorOf} from './intercept.ts'
import {StepRun} from './step-run.ts'
import type {Trace} from './trace.ts'

interface Captured extends Disposable {
  readonly trace: Trace
  readonly graph: GraphSession
}

/**
 * Preparing a graph takes as long as 2 to 10 steps. It is the number of all steps that counts, not of those to go, so that
 * an interrupted run goes on as it began.
 */
const FEWEST_STEPS = 50

/** Graphs that are kept; those that were of use the longest time ago make room. */
const MOST_COURSES = 6

/** More new courses than one in so many steps are not worth capturing: each costs seconds to prepare. */
const STEPS_A_COURSE = 10

/**
 * Captures steps on the tensorflow engine. The first time, a step runs operation by operation and they are written
 * down; from then on its JavaScript runs as before, but the operations it asks for are only compared with what was
 * written, and TensorFlow runs all of them at once, as a graph, when the step is over. A step that takes another course
 * (another shape, a branch) is noticed at the first operation that differs: what it had asked for until there is caught
 * up on, one by one, and the new course is captured too. So a captured step does what the step does, whatever it is.
 * Numbers always come from the graph, those of the first time too: an interrupted run that is taken up again meets the
 * same ones.
 */
export function captureSteps(backend: TensorFlowBackend, {label, times, note}: CaptureOptions): Capture {
  if (times < FEWEST_STEPS) return runEagerly()
  const interceptor = interceptorOf(backend)
  const courses: Captured[] = []
  let reason: string | null = null
  let steps = 0
  let prepared = 0

  function prepare(trace: Trace, departure: string | null): Captured | null {
    if (prepared >= MOST_COURSES && (prepared + 1) * STEPS_A_COURSE > steps) {
      reason = `it took ${prepared + 1} different courses in ${steps} steps; the last left the others ${departure}`
      return null
    }
    try {
      const graph = openGraph(trace, backend.binding)
      prepared++
      return {trace, graph, [Symbol.dispose]: () => graph[Symbol.dispose]()}
    } catch (error) {
      reason = inOneLine(error)
      return null
    }
  }

  /** The course of a trace, from now on the one used last. */
  function courseOf(trace: Trace, departure: string | null): Captured | null {
    const place = courses.findIndex((one) => one.trace === trace)
    const course = place < 0 ? prepare(trace, departure) : courses.splice(place, 1)[0]!
    if (!course) return null
    courses.push(course)
    if (courses.length > MOST_COURSES) courses.shift()![Symbol.dispose]()
    return course
  }

  function compute(run: StepRun, graph: GraphSession): void {
    try {
      run.compute(graph)
    } catch (error) {
      reason = inOneLine(error)
      run.abandon()
    }
  }

  return {
    run<T>(step: () => T): T {
      if (reason !== null || interceptor.isBusy()) return step()
      steps++
      const run = new StepRun(
        backend,
        courses.map(({trace}) => trace),
      )
      let result: T
      try {
        result = interceptor.during(run, step)
      } catch (error) {
        run.abandon()
        throw error
      }
      reason = run.refusal
      const trace = reason === null ? run.trace() : null
      const captured = trace && courseOf(trace, run.departure)
      if (captured) compute(run, captured.graph)
      else run.abandon()
      if (reason !== null) note?.(`${label} cannot be captured and runs operation by operation: ${reason}.`)
      return result
    },
    [Symbol.dispose]() {
      for (const course of courses.splice(0)) course[Symbol.dispose]()
    },
  }
}

/** Without a full stop: more is said around it. */
const inOneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!.replace(/\.$/, '')
