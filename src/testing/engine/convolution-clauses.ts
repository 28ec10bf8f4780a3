import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom} from '../../engine/create-random.ts'
import {conv2d} from '../../engine/kernels/conv2d.ts'
import type {Clause} from '../contract.ts'
import {insistClose} from './numbers.ts'
import {convolve, filterGradient, inputGradient, shapesOf} from './plain-convolution.ts'
import type {Convolution} from './plain-convolution.ts'

const small = {batch: 2, inputs: 3, outputs: 4}

/** What networks use (3 x 3 and 1 x 1, stride 1 and 2), and odd sizes, strides and paddings. */
const cases: readonly Convolution[] = [
  {...small, height: 6, width: 5, kernel: 3, stride: 1, padding: 1},
  {...small, height: 6, width: 8, kernel: 3, stride: 2, padding: 1},
  {...small, height: 7, width: 5, kernel: 3, stride: 2, padding: 1},
  {...small, height: 6, width: 7, kernel: 1, stride: 2, padding: 0},
  {...small, height: 4, width: 4, kernel: 1, stride: 1, padding: 0},
  {...small, height: 5, width: 6, kernel: 3, stride: 1, padding: 0},
  {...small, height: 5, width: 5, kernel: 3, stride: 1, padding: 2},
  {...small, height: 9, width: 10, kernel: 7, stride: 2, padding: 3},
  {...small, height: 8, width: 8, kernel: 3, stride: 3, padding: 1},
  {...small, height: 8, width: 7, kernel: 5, stride: 1, padding: 2},
]

const nameOf = ({height, width, kernel, stride, padding}: Convolution) =>
  `${height} x ${width}, kernel ${kernel}, stride ${stride}, padding ${padding}`

export const convolutionClauses: readonly Clause[] = [
  {
    name: 'a convolution of stride 2 is padded on both sides, as in PyTorch',
    async check() {
      // 4 x 4 pixels 1 … 16 and a filter of nine ones, one row and column of zeros around them:
      // 1+2+5+6 = 14, (2+3+4)+(6+7+8) = 30, (5+6)+(9+10)+(13+14) = 57, (6+7+8)+(10+11+12)+(14+15+16) = 99.
      const y = tf.tidy(() => {
        const x: Tensor4D = tf.reshape(tf.range(1, 17), [1, 4, 4, 1])
        return conv2d(x, tf.ones([3, 3, 1, 1]), 2, 1)
      })
      await insistClose('y', y, [14, 30, 57, 99], 0)
      y.dispose()
    },
  },
  ...cases.map((c): Clause => ({
    name: `convolution, its gradients and theirs: ${nameOf(c)}`,
    async check() {
      const shapes = shapesOf(c)
      const random = createRandom(nameOf(c))
      const [x, u] = [random.normalTensor<Tensor4D>(shapes.x), random.normalTensor<Tensor4D>(shapes.x)]
      const [filter, v] = [
        random.normalTensor<Tensor4D>(shapes.filter),
        random.normalTensor<Tensor4D>(shapes.filter),
      ]
      const dy = random.normalTensor<Tensor4D>(shapes.y)
      // L = Σ dy·conv(x, filter) is linear in either argument, so its gradients' gradients are gradients of the same kind.
      const loss = (a: tf.Tensor, b: tf.Tensor) =>
        tf.sum(tf.mul(dy, conv2d(a as Tensor4D, b as Tensor4D, c.stride, c.padding)))
      const gradients = tf.grads(loss)
      const along = (a: tf.Tensor, b: tf.Tensor) => {
        const [dx, dFilter] = gradients([a, b])
        return tf.add(tf.sum(tf.mul(u, dx!)), tf.sum(tf.mul(v, dFilter!)))
      }
      const results = tf.tidy(() => [
        conv2d(x, filter, c.stride, c.padding),
        ...gradients([x, filter]),
        ...tf.grads(along)([x, filter]),
      ])
      const [xs, us, fs, vs, ds] = await Promise.all([x, u, filter, v, dy].map((tensor) => tensor.data()))
      const expected = [
        ['y', convolve(c, xs!, fs!)],
        ['∂L/∂x', inputGradient(c, ds!, fs!)],
        ['∂L/∂filter', filterGradient(c, xs!, ds!)],
        ['∂/∂x of Σ v·∂L/∂filter', inputGradient(c, ds!, vs!)],
        ['∂/∂filter of Σ u·∂L/∂x', filterGradient(c, us!, ds!)],
      ] as const
      for (const [i, [what, numbers]] of expected.entries()) await insistClose(what, results[i]!, numbers)
      tf.dispose([x, u, filter, v, dy, ...results])
    },
  })),
]
