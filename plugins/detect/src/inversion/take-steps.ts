import type {Context, Task} from '@abd/core'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Variable} from '@tensorflow/tfjs-core'

/** Steps of one kind, captured where the engine can, and told of one by one; `step` asks for everything and reads nothing. */
export async function takeSteps(
  steps: number,
  step: (i: number) => void,
  {label, task, context}: {label: string; task: Task; context: Context},
): Promise<void> {
  using capture = context.engine.capture({
    label,
    times: steps,
    note: (line) => context.progress.note(line),
  })
  for (let i = 0; i < steps; i++) {
    context.signal.throwIfAborted()
    capture.run(() => tf.tidy(() => step(i)))
    task.advance(1)
    await new Promise(setImmediate)
  }
}

/** The class of each of `count` images, as something that steady work may use: [count]. */
export const labelVariable = (count: number, labelOf: (i: number) => number): Variable & Tensor1D =>
  tf.tidy(() =>
    tf.variable(
      tf.tensor1d(
        Int32Array.from({length: count}, (_, i) => labelOf(i)),
        'int32',
      ),
      false,
    ),
  )
