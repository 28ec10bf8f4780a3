import {createRandom} from '@abd/core/engine'
import type {Engine} from '@abd/core/engine'
import {captureInference} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import {contextOn} from './context-on.ts'
import {inTurns} from './in-turns.ts'
import type {Repeated} from './in-turns.ts'
import {randomModel} from './models.ts'

/** Forward passes of 200 images, as an audit makes hundreds of; those before a graph is used are made here. */
async function passes(engine: Engine, name: string): Promise<Repeated> {
  const teacher = randomModel(name, 'teacher')
  const captured = captureInference(teacher, contextOn(engine))
  const x = createRandom('x').uniformTensor<tf.Tensor4D>([200, 32, 32, 3])
  const next = async () => {
    const logits = tf.tidy(() => captured.logits(x))
    await logits.data()
    logits.dispose()
  }
  for (let pass = 0; pass < 12; pass++) await next()
  return {
    next,
    [Symbol.dispose]() {
      captured[Symbol.dispose]()
      x.dispose()
      teacher[Symbol.dispose]()
    },
  }
}

export const capturedInference = ['wrn-16-1', 'wrn-16-2'].map((name) =>
  inTurns({
    name: `captured-inference-${name}`,
    summary: `Forward pass of 200 images, ${name.toUpperCase()}`,
    runs: 20,
    start: (engine) => passes(engine, name),
  }),
)
