import {silent} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {vaccineLoss} from '@abd/core/math'
import {lastConvolutions} from '@abd/core/nn'
import {tinyModel} from '@abd/core/testing'
import * as tf from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {createShuffledEnsemble} from '../../../src/nn/index.ts'
import {shufflingVaccine} from '../../../plugins/defend/src/shuffling-vaccine.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const images = () => createRandom('images').normalTensor<tf.Tensor4D>([5, 8, 8, 3])
const values = async (tensor: tf.Tensor) => [...(await tensor.data())]

describe('createShuffledEnsemble', () => {
  test('is the mean of whole networks with permuted filters, though the trunk is computed once', async () => {
    using teacher = tinyModel(createRandom(1))
    const {architecture, parameters} = teacher.network
    const x = images()
    // The literal computation: three copies, each of the last two filters permuted along its input channels.
    const names = lastConvolutions(architecture, 2)
    const random = createRandom(7)
    const copies = [0, 1, 2].map((copy) => {
      const shuffled = new Map<string, tf.Tensor>(parameters)
      for (const name of names) {
        const filter = parameters.get(name)!
        const order = random.fork(copy).fork(name).permutation(filter.shape[2]!)
        const channels = tf.split(filter, filter.shape[2]!, 2)
        shuffled.set(
          name,
          tf.concat(
            [...order].map((channel) => channels[channel]!),
            2,
          ),
        )
      }
      return architecture.forward(shuffled, x, 'eval').logits
    })
    const expected = await values(tf.mean(tf.stack(copies), 0))

    using ensemble = createShuffledEnsemble(teacher.network, {copies: 3, layers: 2}, random)
    const actual = await values(ensemble.logits(x))
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
  })

  test('with no layers it is the teacher', async () => {
    using teacher = tinyModel(createRandom(1))
    using ensemble = createShuffledEnsemble(teacher.network, {copies: 2, layers: 0}, createRandom(7))
    const x = images()
    const expected = await values(
      teacher.network.architecture.forward(teacher.network.parameters, x, 'eval').logits,
    )
    ;(await values(ensemble.logits(x))).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
  })
})

describe('shuffling_vaccine', () => {
  const contextOf = (seed: number) => ({
    engine,
    random: createRandom(seed),
    progress: silent,
    signal: new AbortController().signal,
  })

  const defend = (options: Record<string, unknown>) => {
    const teacher = tinyModel(createRandom(1))
    const defence = shufflingVaccine.create(
      shufflingVaccine.options.parse(options),
      contextOf(3),
    )({teacher, student: teacher})
    const {architecture, parameters} = teacher.network
    return {defence, t: (x: tf.Tensor4D) => architecture.forward(parameters, x, 'eval').logits}
  }

  test('suspects every image of an ensemble that was not shuffled', async () => {
    const {defence, t} = defend({layers: 0, ascent: 0.3})
    const x = images()
    const {mask, coefficient} = defence.suspects!(x, t(x))!
    expect(coefficient).toBe(0.3)
    expect(await values(mask)).toEqual([1, 1, 1, 1, 1])
    // and has nothing to hold against it: d = KL(t ‖ t) = 0.
    expect((await values(defence.synthesisLoss!(x, t(x))!))[0]).toBeCloseTo(0, 6)
  })

  test('shares the trunk with the teacher, forwards and backwards, and asks for no gradient of a weight', async () => {
    // A WRN-10-1 convolves 9 times, 3 of these in its third group, which is shuffled here: once through all of it, and
    // three more times through the third group.
    const {defence, t} = defend({copies: 3, layers: 3})
    const {kernels} = await tf.profile(() =>
      tf.tidy(() => tf.grad((x) => defence.synthesisLoss!(x as tf.Tensor4D, t(x as tf.Tensor4D))!)(images())),
    )
    const count = (name: string) => kernels.filter((kernel) => kernel.name === name).length
    expect([tf.Conv2D, tf.Conv2DBackpropInput, tf.Conv2DBackpropFilter].map(count)).toEqual([18, 18, 0])
  })

  test('shares the trunk where images are given', async () => {
    const {defence, t} = defend({copies: 3, layers: 3})
    const {kernels} = await tf.profile(() =>
      tf.tidy(() => {
        const x = images()
        return defence.suspects!(x, t(x))!.mask
      }),
    )
    expect(kernels.filter(({name}) => name === tf.Conv2D)).toHaveLength(18)
  })

  test('loss and gradient are those of a trunk of its own', async () => {
    const {defence, t} = defend({copies: 3, layers: 3})
    const own = (x: tf.Tensor4D) => defence.synthesisLoss!(x, tf.clone(t(x)))!
    const shared = (x: tf.Tensor4D) => defence.synthesisLoss!(x, t(x))!
    const results = [own, shared].map((loss) => {
      const {value, grad} = tf.valueAndGrad((x) => loss(x as tf.Tensor4D))(images())
      return {value, grad}
    })
    const [expected, actual] = await Promise.all(
      results.map(async ({value, grad}) => ({value: await values(value), grad: await values(grad)})),
    )
    expect(actual!.value).toEqual(expected!.value)
    // The gradients of both tails are added before the trunk, not behind it: the same up to the order of sums.
    const largest = Math.max(...expected!.grad.map(Math.abs))
    expect(largest).toBeGreaterThan(0)
    actual!.grad.forEach((value, i) =>
      expect(Math.abs(value - expected!.grad[i]!) / largest).toBeLessThan(1e-5),
    )
  })

  test('logits from outside of the gradient are a constant: the loss leads back to the images nonetheless', async () => {
    const {defence, t} = defend({copies: 3, layers: 3})
    const x = images()
    const known = t(x)
    const slope = (logits: tf.Tensor2D) =>
      tf.grad((x) => defence.synthesisLoss!(x as tf.Tensor4D, logits)!)(x)
    const expected = await values(slope(tf.clone(known)))
    expect(await values(slope(known))).toEqual(expected)
  })

  test('fixedEnsemble: the gradient flows through the teacher’s own answers alone, and costs no pass back through the copies', async () => {
    const {defence, t} = defend({copies: 3, layers: 2, coefficient: 0.3, fixedEnsemble: true})
    const free = defend({copies: 3, layers: 2, coefficient: 0.3})
    const x = images()
    // The same ensemble, as the seed and the options say, whose answers are constants here.
    using ensemble = createShuffledEnsemble(
      tinyModel(createRandom(1)).network,
      {copies: 3, layers: 2},
      createRandom(3).fork('shuffle'),
    )
    const u = ensemble.logits(x)
    const expected = tf.valueAndGrad((x) => vaccineLoss(t(x as tf.Tensor4D), u, 0.3))(x)
    const result = (one: ReturnType<typeof defend>) =>
      tf.valueAndGrad((x) => one.defence.synthesisLoss!(x as tf.Tensor4D, one.t(x as tf.Tensor4D))!)(x)
    const [fixed, both] = [result({defence, t}), result(free)]
    expect((await values(fixed.value))[0]).toBeCloseTo((await values(both.value))[0]!, 6)
    const slope = await values(fixed.grad)
    const wanted = await values(expected.grad)
    const largest = Math.max(...wanted.map(Math.abs))
    expect(largest).toBeGreaterThan(0)
    slope.forEach((value, i) => expect(Math.abs(value - wanted[i]!) / largest).toBeLessThan(1e-4))
    const other = await values(both.grad)
    expect(Math.max(...slope.map((value, i) => Math.abs(value - other[i]!))) / largest).toBeGreaterThan(0.1)

    // Nine convolutions of the teacher, two more of each copy; back through the nine alone.
    const {kernels} = await tf.profile(() => result({defence, t}).grad)
    const count = (name: string) => kernels.filter((kernel) => kernel.name === name).length
    expect([tf.Conv2D, tf.Conv2DBackpropInput].map(count)).toEqual([18, 9])
  })

  test('the loss is -coefficient times the mean divergence of the suspects', async () => {
    const {defence, t} = defend({copies: 1, layers: 2, coefficient: 0.1})
    const x = images()
    const twice = defend({copies: 1, layers: 2, coefficient: 0.2})
    const [once] = await values(defence.synthesisLoss!(x, t(x))!)
    const [doubled] = await values(twice.defence.synthesisLoss!(x, twice.t(x))!)
    expect(once).toBeLessThanOrEqual(0)
    expect(doubled).toBeCloseTo(2 * once!, 6)
  })
})
