import * as tf from '@tensorflow/tfjs-core'
import type {TensorContainer} from '@tensorflow/tfjs-core'
import type {Tensors} from '../../tensors.ts'
import {stepRunOn} from './intercept.ts'

/**
 * The same work, declared to be steady: which operations it asks for, and which numbers it makes itself, depends on nothing
 * but the shapes and types of what it is given. Everything that differs from one time to the next (images, labels, a
 * learning rate) has to be in `given`, as tensors; it may use and assign variables, but has no other effect. Within a
 * captured step its JavaScript then runs twice, and from then on only the graph does. What it gives belongs to the
 * caller's tidy; the rest is let go.
 *
 * Work that uses other tensors than variables and those it is given, that disposes of what it is given, or whose numbers are
 * others the second time, runs each time. What else would be wrong cannot be seen: a branch on something that is not given.
 */
export function steady<G extends Tensors, T extends Tensors>(work: (given: G) => T): (given: G) => T {
  const key = {}
  return (given) => {
    const all = () => tf.tidy(() => work(given) as unknown as TensorContainer) as unknown as T
    const run = stepRunOn(tf.backend())
    return run && !tf.engine().isTapeOn() ? run.passage(key, given, all) : all()
  }
}
