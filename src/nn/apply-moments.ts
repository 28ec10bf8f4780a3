import type {Layout, Parameters} from './architecture.ts'
import type {Network} from './model.ts'

/** Assigns the running statistics of a `train` forward pass (`Forward.moments`). The caller still owns `moments`. */
export function applyMoments(network: Network<Layout>, moments: Parameters): void {
  for (const [name, moment] of moments) {
    const variable = network.parameters.get(name)
    if (!variable) throw new Error(`The network has no running statistic '${name}'.`)
    variable.assign(moment)
  }
}
