import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom} from '../../engine/create-random.ts'
import {conv2d} from '../../engine/kernels/conv2d.ts'
import {maxPool} from '../../nn/max-pool.ts'
import {upsampledConvolution} from '../../nn/upsampled-convolution.ts'
import type {Clause} from '../contract.ts'
import {insistClose} from './numbers.ts'

/** 4 x 4 pixels 1 … 16 */
const pixels = (): Tensor4D => tf.reshape(tf.range(1, 17), [1, 4, 4, 1])

/** Σ weights·f(x), where the weights of the outputs are 1, 2, 3, … */
const weighted = (f: (x: Tensor4D) => Tensor) => (x: Tensor) => {
  const y = f(x as Tensor4D)
  return tf.sum(tf.mul(y, tf.reshape(tf.range(1, y.size + 1), y.shape)))
}

/** Nearest neighbours of [2, 3, 4, 3], by operations whose gradients have gradients. */
const doubled = (x: Tensor4D): Tensor4D => {
  const wide = tf.reshape(tf.concat([x, x], 3), [2, 3, 24])
  return tf.reshape(tf.concat([wide, wide], 2), [2, 6, 8, 3])
}

/** Operations of tfjs that networks train with and that some engine lacks a kernel for, or once did. */
export const operationClauses: readonly Clause[] = [
  {
    name: 'nearest up-sampling by two, and back',
    async check() {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])
      const twice = (images: Tensor4D) => tf.image.resizeNearestNeighbor(images, [4, 4])
      await insistClose('y', twice(x), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4], 0)
      // The four pixels that came of the first have weights 1, 2, 5, 6; of the second 3, 4, 7, 8; and so on.
      await insistClose('dx', tf.grad(weighted(twice))(x), [14, 22, 46, 54], 0)
    },
  },
  {
    name: 'a convolution of an up-sampled image',
    async check() {
      const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1])
      const filter = tf.tensor4d([0, 1, 0, 1, 2, 0, 0, 0, 4], [3, 3, 1, 1])
      // Of 1 1 2 2, 1 1 2 2, 3 3 4 4, 3 3 4 4: above + left + twice itself + four times below on the right; so first 2 + 4·1,
      // then 1 + 2 + 4·2, and last 4 + 4 + 2·4.
      const y = [6, 11, 13, 6, 15, 20, 23, 8, 19, 26, 29, 14, 9, 12, 15, 16]
      await insistClose('y', upsampledConvolution(x, filter), y, 0)
    },
  },
  {
    name: 'a convolution of an up-sampled image, its gradients and theirs, as in two steps',
    async check() {
      const random = createRandom('up-sampled')
      const normal = (name: string, shape: [number, number, number, number]) =>
        random.fork(name).normalTensor<Tensor4D>(shape)
      const [x, u] = [normal('x', [2, 3, 4, 3]), normal('u', [2, 3, 4, 3])]
      const [filter, v] = [normal('filter', [3, 3, 3, 2]), normal('v', [3, 3, 3, 2])]
      const inTwoSteps = (a: Tensor4D, b: Tensor4D) => conv2d(doubled(a), b, 1, 1)
      const gradients = (f: typeof inTwoSteps) =>
        tf.grads((a, b) => tf.sum(tf.square(f(a as Tensor4D, b as Tensor4D))))
      const along = (f: typeof inTwoSteps) => (a: Tensor, b: Tensor) => {
        const [da, db] = gradients(f)([a, b])
        return tf.add(tf.sum(tf.mul(u, da!)), tf.sum(tf.mul(v, db!)))
      }
      const all = (f: typeof inTwoSteps) =>
        Object.entries({
          y: f(x, filter),
          ...Object.fromEntries(gradients(f)([x, filter]).map((d, i) => [`d${i}`, d])),
          ...Object.fromEntries(
            tf
              .grads(along(f))([x, filter])
              .map((d, i) => [`dd${i}`, d]),
          ),
        })
      const expected = Object.fromEntries(all(inTwoSteps))
      for (const [name, its] of all(upsampledConvolution))
        await insistClose(name, its, await expected[name]!.data(), 1e-4)
    },
  },
  {
    name: 'max pooling, two by two, and back',
    async check() {
      await insistClose('y', maxPool(pixels()), [6, 8, 14, 16], 0)
      const dx = tf.grad(weighted(maxPool))(pixels())
      await insistClose('dx', dx, [0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4], 0)
    },
  },
  {
    name: 'average pooling, two by two, and back',
    async check() {
      const pool = (x: Tensor4D) => tf.avgPool(x, 2, 2, 'valid')
      // (1 + 2 + 5 + 6) / 4 = 3.5, and so on
      await insistClose('y', pool(pixels()), [3.5, 5.5, 11.5, 13.5], 0)
      const quarters = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4].map((weight) => weight / 4)
      await insistClose('dx', tf.grad(weighted(pool))(pixels()), quarters, 0)
    },
  },
  {
    name: 'a matrix product, and back',
    async check() {
      const [a, b] = [tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])]
      await insistClose('ab', tf.matMul(a, b), [19, 22, 43, 50], 0)
      const loss = (p: Tensor, q: Tensor) => weighted(() => tf.matMul(p, q))(p)
      const [da, db] = tf.grads(loss)([a, b])
      // W = [[1, 2], [3, 4]]: W·bᵀ = [[5+12, 7+16], [15+24, 21+32]], aᵀ·W = [[1+9, 2+12], [2+12, 4+16]].
      await insistClose('da', da!, [17, 23, 39, 53], 0)
      await insistClose('db', db!, [10, 14, 14, 20], 0)
    },
  },
  {
    name: 'the logarithm of a softmax, and back',
    async check() {
      // e⁰ : e^ln 3 = 1 : 3; the gradient of log p₀ is (1 - p₀, -p₁).
      const x = tf.tensor2d([0, Math.log(3)], [1, 2])
      await insistClose('log p', tf.logSoftmax(x), [Math.log(0.25), Math.log(0.75)], 1e-6)
      const dx = tf.grad((logits) => tf.sum(tf.slice(tf.logSoftmax(logits), [0, 0], [1, 1])))(x)
      await insistClose('dx', dx, [0.75, -0.75], 1e-6)
    },
  },
  {
    name: 'one-hot rows, as whole numbers and as fractions',
    async check() {
      const classes = tf.tensor1d([2, 0], 'int32')
      await insistClose('int32', tf.oneHot(classes, 3), [0, 0, 1, 1, 0, 0], 0)
      const smooth = tf.oneHot(classes, 3, 0.75, 0.125, 'float32')
      await insistClose('float32', smooth, [0.125, 0.125, 0.75, 0.75, 0.125, 0.125], 0)
    },
  },
  {
    name: 'gathering, and back',
    async check() {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])
      const gather = (rows: Tensor) => tf.gather(rows, tf.tensor1d([2, 0, 2], 'int32'))
      await insistClose('y', gather(x), [5, 6, 1, 2, 5, 6], 0)
      // Row 0 has weights 3, 4; row 1 none; row 2 those of both its copies, 1 + 5 and 2 + 6.
      const dx = tf.grad((rows) => weighted(() => gather(rows))(rows))(x)
      await insistClose('dx', dx, [3, 4, 0, 0, 6, 8], 0)
    },
  },
]
