import * as tf from '@tensorflow/tfjs-core'
import type {Context} from '../context.ts'
import type {Model} from '../nn/model.ts'

/** Preparing a graph takes as long as ten forward passes gain by it (decision 50). */
const FEWEST_PASSES = 10

/**
 * The same model, for a job that asks for its logits over and over: what is asked for without a gradient runs as one graph
 * (`Engine.capture`) once images of the same shape have gone through ten times. Gradients go through the model as it is: what climbs
 * by their signs is ranked among values that were found that way. Disposing it lets the graphs go, and leaves the model.
 */
export function captureInference(
  model: Model,
  {engine, progress}: Pick<Context, 'engine' | 'progress'>,
): Model {
  const passes = engine.capture({
    label: 'A forward pass',
    times: Infinity,
    note: (line) => progress.note(line),
  })
  const seen = new Map<string, number>()
  return {
    ...model,
    logits(x) {
      if (tf.engine().isTapeOn()) return model.logits(x)
      const shape = x.shape.join('x')
      const times = (seen.get(shape) ?? 0) + 1
      seen.set(shape, times)
      return times > FEWEST_PASSES ? passes.run(() => tf.tidy(() => model.logits(x))) : model.logits(x)
    },
    [Symbol.dispose]: () => passes[Symbol.dispose](),
  }
}
