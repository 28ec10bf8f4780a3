import type {Random} from '@abd/core/engine'
import type {GeneratorArchitecture, Network} from '@abd/core/nn'
import * as tf from '@tensorflow/tfjs-core'

const SPREAD = 0.02

/** New weights as CMI draws them: N(0, 0.02²) for filters, N(1, 0.02²) for BatchNorm, biases 0; its statistics stay. */
export function drawGenerator(generator: Network<GeneratorArchitecture>, random: Random): void {
  for (const [name, {role}] of generator.architecture.parameters) {
    const variable = generator.parameters.get(name)!
    if (role === 'running-mean' || role === 'running-variance') continue
    tf.tidy(() =>
      variable.assign(
        role === 'bias' || role === 'bn-bias'
          ? tf.zeros(variable.shape)
          : random.fork(name).normalTensor(variable.shape, role === 'bn-weight' ? 1 : 0, SPREAD),
      ),
    )
  }
}
