import * as tf from '@tensorflow/tfjs-core'
import type {Variable} from '@tensorflow/tfjs-core'
import type {Optimiser} from '../math/optimiser.ts'
import type {StateTensor} from '../modelfile/state-dict.ts'
import type {Layout} from '../nn/architecture.ts'
import type {Network} from '../nn/model.ts'
import {resumableNumber, resumables, savedTensor} from './resumable.ts'
import type {Resumable} from './resumable.ts'

/** Variables by name, bit for bit. */
export const resumableVariables = (variables: Readonly<Record<string, Variable>>): Resumable => ({
  async save() {
    const saved = new Map<string, StateTensor>()
    for (const [name, variable] of Object.entries(variables))
      saved.set(name, {
        dtype: variable.dtype,
        shape: [...variable.shape],
        data: (await variable.data()).slice(),
      })
    return saved
  },
  async restore(saved) {
    for (const [name, variable] of Object.entries(variables)) {
      const {data} = savedTensor(saved, name, variable)
      tf.tidy(() => {
        variable.assign(tf.tensor(data as Float32Array | Int32Array, variable.shape, variable.dtype))
      })
    }
  },
})

/** All weights and running statistics. */
export const resumableNetwork = ({parameters}: Network<Layout>): Resumable =>
  resumableVariables(Object.fromEntries(parameters))

/** Its averages and how many steps it took; not the variables that it changes, which are their owner's. */
export const resumableOptimiser = ({state}: Optimiser): Resumable =>
  resumables({
    averages: resumableVariables(Object.fromEntries(state.averages.entries())),
    steps: resumableNumber(
      () => state.steps,
      (steps) => {
        state.steps = steps
      },
    ),
  })
