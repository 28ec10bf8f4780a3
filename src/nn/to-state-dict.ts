import type {StateDict, StateTensor} from '../modelfile/state-dict.ts'
import type {Layout} from './architecture.ts'
import {toTorchOrder} from './memory-layout.ts'
import type {Network} from './model.ts'

/**
 * A network's weights as PyTorch would save them: its names, order and layouts, with BatchNorm's counters, which are 0
 * since nothing counts here (PyTorch reads them only where BatchNorm has no momentum).
 */
export async function toStateDict({architecture, parameters}: Network<Layout>): Promise<StateDict> {
  const tensors = new Map<string, StateTensor>()
  for (const [name, spec] of architecture.parameters) {
    const data = (await parameters.get(name)?.data()) as Float32Array
    tensors.set(name, {dtype: 'float32', shape: spec.shape, data: toTorchOrder(spec, data)})
    if (spec.role === 'running-variance')
      tensors.set(name.replace(/running_var$/, 'num_batches_tracked'), {
        dtype: 'int64',
        shape: [],
        data: new BigInt64Array(1),
      })
  }
  return tensors
}
