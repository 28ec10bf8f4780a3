import * as tf from '@tensorflow/tfjs-core'
import {randomBeta, randomNormal} from 'd3-random'
import {createHash} from 'node:crypto'
import {uniformFloat32} from 'pure-rand/distribution/uniformFloat32'
import {uniformFloat64} from 'pure-rand/distribution/uniformFloat64'
import {uniformInt} from 'pure-rand/distribution/uniformInt'
import {xoroshiro128plusFromState} from 'pure-rand/generator/xoroshiro128plus'
import type {Random} from './random.ts'

/**
 * Random numbers that are a function of the seed alone: not of the engine, the machine or the order in which others
 * draw. The bits come from xoroshiro128+, whose state is the SHA-256 of `seed`; forks append `/name` to it, so
 * `createRandom(0).fork('student')` and `createRandom('0/student')` are the same stream.
 */
export function createRandom(seed: number | string): Random {
  const name = String(seed)
  const bits = xoroshiro128plusFromState(stateOf(name))
  const unit = () => uniformFloat64(bits)
  const standardNormal = randomNormal.source(unit)(0, 1)
  const betaFrom = randomBeta.source(unit)

  const integer = (below: number) => {
    // NaN or Infinity would never come back.
    if (!Number.isSafeInteger(below) || below < 1) throw new RangeError(`No integer is below ${below}.`)
    return uniformInt(bits, 0, below - 1)
  }
  const uniforms = (count: number, low = 0, high = 1) =>
    // 24 bits: what a float32 holds, so that none is rounded up to 1.
    draws(count, () => low + uniformFloat32(bits) * (high - low))
  const normals = (count: number, mean = 0, standardDeviation = 1) =>
    draws(count, () => mean + standardDeviation * standardNormal())

  return {
    seed: name,
    fork: (child) => createRandom(`${name}/${encodeURIComponent(child)}`),
    uniform: (low = 0, high = 1) => low + unit() * (high - low),
    integer,
    normal: (mean = 0, standardDeviation = 1) => mean + standardDeviation * standardNormal(),
    beta: (alpha, beta) => betaFrom(alpha, beta)(),
    permutation(n) {
      const order = Int32Array.from({length: n}, (_, i) => i)
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1)
        const held = order[i]!
        order[i] = order[j]!
        order[j] = held
      }
      return order
    },
    normals,
    uniforms,
    normalTensor: (shape, ...moments) => tensorOf(shape, (size) => normals(size, ...moments)),
    uniformTensor: (shape, ...bounds) => tensorOf(shape, (size) => uniforms(size, ...bounds)),
  }
}

/** Four 32-bit words, never all zero. */
function stateOf(name: string): readonly number[] {
  const digest = createHash('sha256').update(name).digest()
  return [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset))
}

function draws(count: number, draw: () => number): Float32Array {
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) values[i] = draw()
  return values
}

const tensorOf = <T extends tf.Tensor>(shape: readonly number[], draw: (size: number) => Float32Array): T => {
  const sizes = [...shape]
  return tf.tensor(draw(tf.util.sizeFromShape(sizes)), sizes, 'float32') as T
}
