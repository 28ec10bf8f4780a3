import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Layout, ParameterSpec} from '@abd/core/nn'
import type {StateDict} from '@abd/core/modelfile'
import {expect} from 'vitest'

/*
 * The expected numbers in this folder were computed in double precision with PyTorch, from inputs that this filler
 * makes (scripts/golden.py does it again). Tolerances are those of single precision: logits 1e-4, gradients 1e-3, losses 1e-5, each relative.
 */

/** sin(a · (i + 1) + b) at the flat row-major index i. */
export const seq = (shape: readonly number[], a: number, b = 0): Float64Array =>
  Float64Array.from({length: shape.reduce((x, y) => x * y, 1)}, (_, i) => Math.sin(a * (i + 1) + b))

export const matrix = (shape: [number, number], a: number, {b = 0, scale = 1} = {}): Tensor2D =>
  tf.tensor2d(
    Float32Array.from(seq(shape, a, b), (value) => scale * value),
    shape,
  )

/** Images as PyTorch has them [N, C, H, W], here [N, H, W, C]. */
export const images = (shape: [number, number, number, number], a: number): Tensor4D =>
  tf.tidy(() => tf.transpose(tf.tensor4d(Float32Array.from(seq(shape, a)), shape), [0, 2, 3, 1]))

/** Every number within `relative` of the largest expected one, or of itself where `each`. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  relative: number,
  {each = false} = {},
): void {
  const largest = Math.max(...expected.map(Math.abs))
  expect(actual.length).toBe(expected.length)
  for (const [index, value] of expected.entries())
    expect(
      Math.abs((actual[index] ?? NaN) - value),
      `number ${index}: ${actual[index]}, expected ${value}`,
    ).toBeLessThanOrEqual(relative * (each ? Math.abs(value) : largest))
}

/** Euclidean norm in double precision. */
export const norm = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((a, v) => a + v * v, 0))

export const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, v) => a + v, 0)

/** Weights from the filler: the k-th tensor is seq(shape, 0.37, 0.11 k), scaled by its role. */
export function filledStateDict(layout: Layout, linearScale: (spec: ParameterSpec) => number): StateDict {
  const scaled = (spec: ParameterSpec): ((w: number) => number) => {
    switch (spec.role) {
      case 'running-variance':
        return (w) => 1 + 0.5 * Math.abs(w)
      case 'bn-weight':
        return (w) => 1 + 0.1 * w
      case 'running-mean':
      case 'bn-bias':
      case 'bias':
        return (w) => 0.1 * w
      case 'linear':
        return (w) => linearScale(spec) * w
      case 'convolution':
        return (w) => w * Math.sqrt(2 / spec.shape.slice(1).reduce((a, b) => a * b, 1))
    }
  }
  return new Map(
    [...layout.parameters].map(([name, spec], index) => [
      name,
      {
        dtype: 'float64',
        shape: spec.shape,
        data: seq(spec.shape, 0.37, 0.11 * (index + 1)).map(scaled(spec)),
      },
    ]),
  )
}
