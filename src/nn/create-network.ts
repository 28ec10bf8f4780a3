import * as tf from '@tensorflow/tfjs-core'
import type {Random} from '../engine/random.ts'
import type {Architecture, Layout} from './architecture.ts'
import {makeNetwork} from './make-network.ts'
import {engineShape} from './memory-layout.ts'
import type {Network} from './model.ts'

/** A fresh network, drawn as the architecture's authors do; each parameter from its own fork of `random`. */
export const createNetwork = <L extends Layout = Architecture>(architecture: L, random: Random): Network<L> =>
  makeNetwork(architecture, (name, spec) => {
    const shape = engineShape(spec)
    const {initial} = spec
    if ('constant' in initial) return tf.fill(shape, initial.constant)
    const own = random.fork(name)
    return 'normal' in initial
      ? own.normalTensor(shape, 0, initial.normal)
      : own.uniformTensor(shape, -initial.uniform, initial.uniform)
  })
