import * as tf from '@tensorflow/tfjs-core'
import {environmentError} from '../errors.ts'
import type {StateDict, StateTensor} from '../modelfile/state-dict.ts'
import type {Architecture, Layout} from './architecture.ts'
import {engineShape, toEngineOrder} from './memory-layout.ts'
import type {Network} from './model.ts'
import {makeNetwork} from './make-network.ts'
import {misfit, withoutBookkeeping} from './state-dict-fit.ts'

/**
 * A network with the weights of a file. PyTorch's layouts become the engine's; a leading `module.` and the counters of
 * BatchNorm do not matter, everything else must be there, be of the right shape, and finite.
 * Throws E_ARCHITECTURE_MISMATCH or E_WEIGHTS_INVALID, naming the first tensor that is wrong.
 */
export function networkFromStateDict<L extends Layout = Architecture>(
  architecture: L,
  stateDict: StateDict,
): Network<L> {
  const tensors = withoutBookkeeping(stateDict)
  const problem = misfit(architecture, tensors)
  if (problem)
    throw environmentError({
      code: 'E_ARCHITECTURE_MISMATCH',
      message: `The weights do not fit ${architecture.name}: ${problem}.`,
      hints: [
        'Name the architecture that the file was saved from with --arch.',
        'See what the file holds with: abd models inspect FILE',
      ],
    })
  return makeNetwork(architecture, (name, spec) => {
    const data = finite(name, tensors.get(name) as StateTensor)
    return tf.tensor(toEngineOrder(spec, data), engineShape(spec), 'float32')
  })
}

function finite(name: string, {data, dtype}: StateTensor): Float32Array {
  const invalid = (what: string, hint: string) =>
    environmentError({
      code: 'E_WEIGHTS_INVALID',
      message: `The tensor '${name}' ${what}.`,
      hints: [hint],
    })
  if (!(data instanceof Float32Array || data instanceof Float64Array))
    throw invalid(
      `holds ${dtype} numbers, and weights are floating-point numbers`,
      'Save the model before it is quantised: quantised weights cannot be audited.',
    )
  const numbers = data instanceof Float32Array ? data : Float32Array.from(data)
  const at = numbers.findIndex((value) => !Number.isFinite(value))
  if (at >= 0)
    throw invalid(
      `is not finite: its number ${at} is ${String(data[at])}`,
      'The training has diverged or the file is damaged; save a healthy checkpoint.',
    )
  return numbers
}
