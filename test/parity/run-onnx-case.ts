import * as tf from '@tensorflow/tfjs-core'
import {AbdError} from '@abd/core'
import type {Reading} from '../../src/modelfile/read-model-file.ts'
import {engineShape, toEngineOrder} from '../../src/nn/memory-layout.ts'
import {onnxProgram} from '../../src/nn/graph/onnx/onnx-architecture.ts'
import {flow, host, plain, shapeOf} from '../../src/nn/graph/value.ts'

interface Numbers {
  readonly shape: readonly number[]
  readonly float: boolean
  /** Of half precision: 11 bits. */
  readonly half: boolean
  /** null is NaN. */
  readonly data: readonly (number | null)[]
}

/** One of scripts/onnx_cases.py. */
export interface OnnxCase {
  readonly operators: readonly string[]
  readonly input: Numbers
  readonly output: Numbers
}

/** The largest difference from what is expected, as a share of the largest number (or of 1), or 'refused'. */
export async function runCase(
  {graph, stateDict, metadata}: Reading,
  {input, output}: OnnxCase,
): Promise<number | 'refused'> {
  try {
    const program = onnxProgram(graph!, stateDict, Number(metadata['opset'] ?? 13))
    const parameters = new Map(
      [...program.weights].map(([name, spec]) => [
        name,
        tf.tensor(toEngineOrder(spec, stateDict.get(name)!.data as Float32Array), engineShape(spec)),
      ]),
    )
    const x = tf.tensor(
      input.data.map((value) => value ?? NaN),
      [...input.shape],
      'float32',
    )
    // Whole numbers and truth values are what shapes are computed from.
    const given = input.float
      ? flow(x)
      : host(
          input.data.map((value) => value ?? NaN),
          input.shape,
        )
    const result = tf.tidy(() => {
      const value = program.run(parameters, given, input.shape[0] ?? 1).output
      return {shape: shapeOf(value), tensor: tf.clone(plain(value))}
    })
    const found = await result.tensor.data()
    tf.dispose([result.tensor, x, ...parameters.values()])
    return difference(found, result.shape, output)
  } catch (error) {
    if (error instanceof AbdError) return 'refused'
    throw error
  }
}

function difference(
  found: ArrayLike<number>,
  shape: readonly number[],
  {shape: expected, data}: Numbers,
): number {
  if (shape.join() !== expected.join()) return Infinity
  const largest = Math.max(1, ...data.map((value) => (Number.isFinite(value) ? Math.abs(value!) : 0)))
  return Math.max(
    0,
    ...data.map((value, i) => {
      const own = found[i]!
      if (value === null || !Number.isFinite(value)) return Object.is(own, value ?? NaN) ? 0 : Infinity
      return Number.isNaN(own) ? Infinity : Math.abs(own - value) / largest
    }),
  )
}
