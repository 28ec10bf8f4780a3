import type {Tensor} from '@tensorflow/tfjs-core'

/**
 * Seeded random numbers that do not depend on the engine. `fork(name)` gives an independent stream that is a function
 * of the seed and the name only, so a draw added in one place moves nothing elsewhere.
 */
export interface Random {
  readonly seed: string
  fork(name: string | number): Random
  /** Uniform in [low, high). */
  uniform(low?: number, high?: number): number
  /** Uniform whole number in [0, below). */
  integer(below: number): number
  normal(mean?: number, standardDeviation?: number): number
  /** Beta(alpha, beta) in [0, 1]. */
  beta(alpha: number, beta: number): number
  /** A uniform permutation of 0 … n-1 (Fisher-Yates). */
  permutation(n: number): Int32Array
  normals(count: number, mean?: number, standardDeviation?: number): Float32Array
  uniforms(count: number, low?: number, high?: number): Float32Array
  /** float32 tensors filled from the same stream. */
  normalTensor<T extends Tensor>(shape: readonly number[], mean?: number, standardDeviation?: number): T
  uniformTensor<T extends Tensor>(shape: readonly number[], low?: number, high?: number): T
}
