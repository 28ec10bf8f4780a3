import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Variable} from '@tensorflow/tfjs-core'
import type {Layout, ParameterSpec} from './architecture.ts'
import type {Network} from './model.ts'

/** A network of variables; `fill` gives each its first value. Nothing is left behind where `fill` throws. */
export function makeNetwork<L extends Layout>(
  architecture: L,
  fill: (name: string, spec: ParameterSpec) => Tensor,
): Network<L> {
  const parameters = new Map<string, Variable>()
  const dispose = () => parameters.forEach((variable) => variable.dispose())
  try {
    for (const [name, spec] of architecture.parameters) {
      const first = tf.tidy(() => fill(name, spec))
      // Without a name of its own: names are global, and teacher, student and copies have the same parameters.
      parameters.set(name, tf.variable(first, isTrainable(spec)))
      first.dispose()
    }
  } catch (error) {
    dispose()
    throw error
  }
  const trainable = [...parameters.values()].filter((variable) => variable.trainable)
  return {architecture, parameters, trainable, [Symbol.dispose]: dispose}
}

const isTrainable = ({role}: ParameterSpec) => role !== 'running-mean' && role !== 'running-variance'
