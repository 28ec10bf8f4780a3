import type {Tensor} from '@tensorflow/tfjs-core'
import type {Parameters} from './architecture.ts'

/** The parameter of that name; a network without it is a bug, since layouts are checked when a network is made. */
export function parameterOf<T extends Tensor>(parameters: Parameters, name: string): T {
  const parameter = parameters.get(name)
  if (!parameter) throw new Error(`The network has no parameter '${name}'.`)
  return parameter as T
}
