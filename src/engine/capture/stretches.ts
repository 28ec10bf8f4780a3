import type {Event, Trace} from './trace.ts'

type Course = Pick<Trace, 'events' | 'results'>

/** Operations that come one after the other in a course, by their places in it. */
export interface Stretch {
  /** Those that take no result of the same stretch. */
  readonly starts: readonly number[]
  /** Those whose results are not taken in the same stretch. */
  readonly ends: readonly number[]
}

/**
 * A course in stretches that each give at least `size` bytes of results, but for the last. Left alone, TensorFlow computes
 * whatever has its inputs: where a step derives twice, passes that are wanted much later, with all that is kept for their
 * way back. What leads to no result of the step is in no stretch: it is not computed.
 */
export function stretchesOf(trace: Course, size: number): Stretch[] {
  const makers = makersOf(trace.events)
  const needed = neededFor(trace, makers)
  const stretches: Stretch[] = []
  let bytes = 0
  let members = new Set<number>()
  let starts: number[] = []
  let ends = new Set<number>()
  const close = () => {
    if (members.size > 0) stretches.push({starts, ends: [...ends]})
    bytes = 0
    members = new Set()
    starts = []
    ends = new Set()
  }
  trace.events.forEach((event, place) => {
    if (event.kind !== 'operation' || !needed.has(place)) return
    const sources = event.inputs.map((slot) => makers[slot]!)
    if (!sources.some((source) => members.has(source))) starts.push(place)
    for (const source of sources) ends.delete(source)
    members.add(place)
    ends.add(place)
    for (const {shape} of event.outputs) bytes += BYTES * shape.reduce((product, n) => product * n, 1)
    if (bytes >= size) close()
  })
  close()
  return stretches
}

/** Nearly all are floats. */
const BYTES = 4

/** By slot, the place of the event that makes it. */
const makersOf = (events: readonly Event[]): number[] =>
  events.flatMap((event, place) => (event.kind === 'operation' ? event.outputs.map(() => place) : [place]))

function neededFor({events, results}: Course, makers: readonly number[]): ReadonlySet<number> {
  const needed = new Set(results.map((slot) => makers[slot]!))
  for (let place = events.length - 1; place >= 0; place--) {
    const event = events[place]!
    if (event.kind === 'operation' && needed.has(place))
      for (const slot of event.inputs) needed.add(makers[slot]!)
  }
  return needed
}
