import {beginsLikePickle} from './begins-like-pickle.ts'
import {interpret, type Interpretation} from './interpret.ts'
import {report, type PickleContext} from './machine.ts'
import {doesSomething} from './survey-pickle.ts'

/** One pickle that should fill all of `bytes`; what follows its STOP is scanned and reported. */
export function scanPickle(bytes: Uint8Array, offset: number | null, context: PickleContext): Interpretation {
  const first = interpret(bytes, offset, context)
  if (first.failure !== undefined) return first
  for (let at = first.end; at < bytes.length;) {
    const place = {context, offset, at}
    const rest = bytes.subarray(at)
    if (!beginsLikePickle(rest) && !doesSomething(rest)) {
      report(place, 'trailingData', `${rest.length} bytes follow the end of the pickle`)
      break
    }
    report(place, 'secondPickle', 'another pickle follows the end of the first')
    const {end, failure} = interpret(rest, offset === null ? null : offset + at, context)
    if (failure !== undefined) break
    at += end
  }
  return first
}
