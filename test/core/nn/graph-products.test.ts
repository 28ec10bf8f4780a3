import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {batchMatMul} from '../../../src/nn/graph/batch-mat-mul.ts'
import {convolve} from '../../../src/nn/graph/convolve.ts'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'

// What engines compute otherwise than graphs mean it, each against loops over indices.
describe.each(['wasm', 'cpu'] as const)('on %s', (name) => {
  let engine: Awaited<ReturnType<typeof openEngine>>
  beforeAll(async () => {
    engine = await openEngine(name)
  })
  afterAll(async () => engine[Symbol.asyncDispose]())

  test.each([
    [[3, 2], 0],
    [[1, 7], 0],
    [[2, 3], 1],
    [[3, 3], 1],
  ] as const)('a filter of %j, padded by %i, gives all of its places', async ([h, w], padding) => {
    const random = createRandom('filter')
    const [x, filter] = [
      random.normalTensor<Tensor4D>([2, 7, 8, 3]),
      random.normalTensor<Tensor4D>([h, w, 3, 4]),
    ]
    const y = tf.tidy(() =>
      convolve(x, filter, {
        strides: [1, 1],
        dilations: [1, 1],
        groups: 1,
        padding: [padding, padding, padding, padding],
      }),
    )
    const [a, f] = [await x.array(), await filter.array()]
    const expected = Array.from({length: 2}, (_, b) =>
      Array.from({length: 7 + 2 * padding - h + 1}, (_, r) =>
        Array.from({length: 8 + 2 * padding - w + 1}, (_, c) =>
          Array.from({length: 4}, (_, d) => {
            let sum = 0
            for (let i = 0; i < h; i++)
              for (let j = 0; j < w; j++)
                for (let k = 0; k < 3; k++)
                  sum += (a[b]![r + i - padding]?.[c + j - padding]?.[k] ?? 0) * f[i]![j]![k]![d]!
            return sum
          }),
        ),
      ),
    ).flat(3)

    expect(y.size).toBe(expected.length)
    const found = await y.data()
    expect(Math.max(...expected.map((value, i) => Math.abs(value - found[i]!)))).toBeLessThan(1e-4)
    // Disposing is where an engine finds out that it has written beyond a tensor.
    tf.dispose([x, filter, y])
  })

  test('products of matrices broadcast the axes before them, either way', async () => {
    const random = createRandom('matrices')
    const [x, y] = [random.normalTensor<Tensor4D>([3, 1, 2, 4]), random.normalTensor<Tensor4D>([1, 2, 4, 3])]
    const product = tf.tidy(() => batchMatMul(x, y))
    const [a, b] = [await x.array(), await y.array()]
    const expected = [0, 1, 2].flatMap((i) =>
      [0, 1].flatMap((j) =>
        [0, 1].flatMap((r) =>
          [0, 1, 2].map((c) => a[i]![0]![r]!.reduce((sum, value, k) => sum + value * b[0]![j]![k]![c]!, 0)),
        ),
      ),
    )

    expect(product.shape).toEqual([3, 2, 2, 3])
    const found = await product.data()
    expect(Math.max(...expected.map((value, i) => Math.abs(value - found[i]!)))).toBeLessThan(1e-5)
    tf.dispose([x, y, product])
  })
})
