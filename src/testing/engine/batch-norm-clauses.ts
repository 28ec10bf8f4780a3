import * as tf from '@tensorflow/tfjs-core'
import type {Tensor, Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {createRandom} from '../../engine/create-random.ts'
import {batchNormEval, batchNormTrain} from '../../engine/kernels/batch-norm.ts'
import type {Clause} from '../contract.ts'
import {dot, insistClose, slopes} from './numbers.ts'

const EPSILON = 1e-3
const SHAPE = [2, 2, 3, 2] as const
const CHANNELS = 2

/** By definition, in double precision; channels last. */
function normalised(x: readonly number[], weight: readonly number[], bias: readonly number[]): number[] {
  const ofChannel = (c: number) => x.filter((_, i) => i % CHANNELS === c)
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const moments = [...Array(CHANNELS).keys()].map((c) => {
    const mean = average(ofChannel(c))
    return {mean, variance: average(ofChannel(c).map((value) => (value - mean) ** 2))}
  })
  return withMoments(x, moments, weight, bias)
}

const withMoments = (
  x: readonly number[],
  moments: readonly {mean: number; variance: number}[],
  weight: readonly number[],
  bias: readonly number[],
) =>
  x.map((value, i) => {
    const {mean, variance} = moments[i % CHANNELS]!
    return (weight[i % CHANNELS]! * (value - mean)) / Math.sqrt(variance + EPSILON) + bias[i % CHANNELS]!
  })

/** x, weight and bias in a row. */
const trainLoss = (packed: readonly number[], along: ArrayLike<number>) => {
  const x = packed.slice(0, -2 * CHANNELS)
  const [weight, bias] = [packed.slice(-2 * CHANNELS, -CHANNELS), packed.slice(-CHANNELS)]
  return dot(
    along,
    normalised(x, weight, bias).map((y) => y ** 2),
  )
}

const read = async (tensor: Tensor) => [...(await tensor.data())]

export const batchNormClauses: readonly Clause[] = [
  {
    name: 'batch normalisation by the batch, worked by hand',
    async check() {
      // 1, 3, 5, 7: mean 4, biased variance (9 + 1 + 1 + 9) / 4 = 5; with epsilon 4 the deviation is 3.
      // y = 2·(x - 4)/3 + 1: -1, 1/3, 5/3, 3.
      const x = tf.tensor4d([1, 3, 5, 7], [1, 2, 2, 1])
      const {y, mean, variance} = batchNormTrain(x, tf.tensor1d([2]), tf.tensor1d([1]), 4)
      await insistClose('y', y, [-1, 1 / 3, 5 / 3, 3], 1e-6)
      await insistClose('mean', mean, [4], 1e-6)
      await insistClose('variance', variance, [5], 1e-6)
    },
  },
  {
    name: 'batch normalisation by the batch: gradients, and the gradients of those',
    async check() {
      const random = createRandom('batch-norm')
      const x = random.normalTensor<Tensor4D>(SHAPE, 1, 2)
      const [weight, bias] = [
        random.normalTensor<Tensor1D>([CHANNELS]),
        random.normalTensor<Tensor1D>([CHANNELS]),
      ]
      const [along, u] = [random.normalTensor<Tensor4D>(SHAPE), random.normalTensor<Tensor4D>(SHAPE)]
      const loss = (a: Tensor, b: Tensor, c: Tensor) =>
        tf.sum(
          tf.mul(along, tf.square(batchNormTrain(a as Tensor4D, b as Tensor1D, c as Tensor1D, EPSILON).y)),
        )
      const gradients = tf.grads(loss)
      const first = tf.concat(gradients([x, weight, bias]).map((gradient) => tf.reshape(gradient, [-1])))
      const second = tf.grads((a, b, c) => tf.sum(tf.mul(u, gradients([a, b, c])[0]!)))([x, weight, bias])
      const packed = (await Promise.all([x, weight, bias].map(read))).flat()
      const cs = await read(along)
      const us = await read(u)
      await insistClose(
        'gradients',
        first,
        slopes((values) => trainLoss(values, cs), packed),
        1e-3,
      )
      const slopeAlong = (values: readonly number[]) =>
        dot(
          us,
          slopes(
            (inner) => trainLoss([...inner, ...values.slice(us.length)], cs),
            values.slice(0, us.length),
          ),
        )
      const flat = tf.concat(second.map((gradient) => tf.reshape(gradient, [-1])))
      await insistClose('second gradients', flat, slopes(slopeAlong, packed, 1e-3), 2e-3)
    },
  },
  {
    name: 'batch normalisation by given statistics, and its gradients in all five arguments',
    async check() {
      const random = createRandom('batch-norm-eval')
      const x = random.normalTensor<Tensor4D>(SHAPE)
      const vector = () => random.normalTensor<Tensor1D>([CHANNELS])
      const args: Tensor[] = [x, vector(), random.uniformTensor([CHANNELS], 0.5, 2), vector(), vector()]
      const along = random.normalTensor<Tensor4D>(SHAPE)
      const forward = (...[a, m, v, w, b]: Tensor[]) =>
        batchNormEval(a as Tensor4D, m as Tensor1D, v as Tensor1D, w as Tensor1D, b as Tensor1D, EPSILON)
      const gradients = tf.grads((...all: Tensor[]) => tf.sum(tf.mul(along, forward(...all))))(args)
      const values = await Promise.all(args.map(read))
      const cs = await read(along)
      const plain = (packed: readonly number[]) => {
        const xs = packed.slice(0, x.size)
        const [m, v, w, b] = [0, 1, 2, 3].map((i) =>
          packed.slice(x.size + i * CHANNELS, x.size + (i + 1) * CHANNELS),
        )
        return withMoments(
          xs,
          m!.map((mean, c) => ({mean, variance: v![c]!})),
          w!,
          b!,
        )
      }
      await insistClose('y', forward(...args), plain(values.flat()))
      const flat = tf.concat(gradients.map((gradient) => tf.reshape(gradient, [-1])))
      await insistClose(
        'gradients',
        flat,
        slopes((packed) => dot(cs, plain(packed)), values.flat()),
        1e-3,
      )
    },
  },
  {
    name: 'batch normalisation by given statistics, of few channels and of many',
    async check() {
      // The deviation is sqrt(3 + 1) = 2. At the mean y = bias; two deviations above it 5 · 2 + bias.
      for (const channels of [1, 3, 17]) {
        const along = (value: (c: number) => number) => Array.from({length: channels}, (_, c) => value(c))
        const [mean, bias] = [along((c) => 10 * c), along((c) => c - 1)]
        const x = tf.tensor4d([...mean, ...mean.map((value) => value + 4)], [1, 1, 2, channels])
        const y = batchNormEval(
          x,
          tf.tensor1d(mean),
          tf.fill([channels], 3),
          tf.fill([channels], 5),
          tf.tensor1d(bias),
          1,
        )
        await insistClose(`${channels} channels`, y, [...bias, ...bias.map((value) => value + 10)])
      }
    },
  },
]
