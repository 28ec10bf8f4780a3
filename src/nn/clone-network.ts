import * as tf from '@tensorflow/tfjs-core'
import type {Layout} from './architecture.ts'
import {makeNetwork} from './make-network.ts'
import type {Network} from './model.ts'
import {parameterOf} from './parameter-of.ts'

/** An independent copy of a network. */
export const cloneNetwork = <L extends Layout>({architecture, parameters}: Network<L>): Network<L> =>
  makeNetwork(architecture, (name) => tf.clone(parameterOf(parameters, name)))
