import * as tf from '@tensorflow/tfjs-core'
import {createRandom, openEngine} from '@abd/core/engine'
import {applyMoments, cloneNetwork, createModel, createNetwork, toStateDict, wideResNet} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'

beforeAll(async () => {
  await openEngine('cpu')
})

const architecture = wideResNet({depth: 10, width: 2, classes: 10, input: [8, 8, 3]})
const image = () => createRandom('image').uniformTensor<tf.Tensor4D>([2, 8, 8, 3])

describe('createNetwork', () => {
  test('draws as the authors do', async () => {
    using network = createNetwork(architecture, createRandom('a'))
    const values = async (name: string) => [...((await network.parameters.get(name)?.data()) ?? [])]

    // 3 · 3 filters to 128 channels: N(0, 2 / (9 · 128)), a standard deviation of 0.04167
    const filter = await values('block3.layer.0.conv2.weight')
    const deviation = Math.sqrt(filter.reduce((sum, w) => sum + w * w, 0) / filter.length)
    expect(Math.abs(deviation - Math.sqrt(2 / 1152))).toBeLessThan(3e-4)
    // U(±1/√128) = U(±0.0884)
    const head = await values('fc.weight')
    expect(Math.max(...head)).toBeLessThanOrEqual(1 / Math.sqrt(128))
    expect(Math.max(...head)).toBeGreaterThan(0.086)
    expect(Math.min(...head)).toBeLessThan(-0.086)
    expect(new Set(await values('fc.bias'))).toEqual(new Set([0]))
    expect(new Set([...(await values('bn1.weight')), ...(await values('bn1.running_var'))])).toEqual(
      new Set([1]),
    )
  })

  test('the same seed gives the same network, another seed another', async () => {
    using a = createNetwork(architecture, createRandom('a'))
    using again = createNetwork(architecture, createRandom('a'))
    using b = createNetwork(architecture, createRandom('b'))

    expect(await toStateDict(again)).toEqual(await toStateDict(a))
    expect((await toStateDict(b)).get('conv1.weight')).not.toEqual((await toStateDict(a)).get('conv1.weight'))
  })

  test('a clone is its own: training one leaves the other', async () => {
    using network = createNetwork(architecture, createRandom('a'))
    using copy = cloneNetwork(network)
    const before = await toStateDict(network)
    expect(await toStateDict(copy)).toEqual(before)

    const {moments} = architecture.forward(copy.parameters, image(), 'train')
    applyMoments(copy, moments)

    expect(await toStateDict(network)).toEqual(before)
    expect((await toStateDict(copy)).get('bn1.running_mean')).not.toEqual(before.get('bn1.running_mean'))
  })

  test('disposing gives everything back', () => {
    const {numTensors} = tf.memory()
    createNetwork(architecture, createRandom('a'))[Symbol.dispose]()
    createModel(createNetwork(architecture, createRandom('a')), {mean: [0, 0, 0], std: [1, 1, 1]})[
      Symbol.dispose
    ]()

    expect(tf.memory().numTensors).toBe(numTensors)
  })
})

describe('createModel', () => {
  test('normalises each channel, then runs the network in eval mode', async () => {
    using model = createModel(createNetwork(architecture, createRandom('a')), {
      mean: [0.1, 0.2, 0.3],
      std: [0.5, 0.25, 0.125],
    })
    const x = image()
    const normalised = tf.div<tf.Tensor4D>(tf.sub(x, [0.1, 0.2, 0.3]), [0.5, 0.25, 0.125])
    const {logits} = architecture.forward(model.network.parameters, normalised, 'eval')

    expect(await model.logits(x).data()).toEqual(await logits.data())
  })

  test('takes one number for all channels', async () => {
    const of = (mean: number[], std: number[]) =>
      createModel(createNetwork(architecture, createRandom('a')), {mean, std})
    using one = of([0.1], [0.5])
    using three = of([0.1, 0.1, 0.1], [0.5, 0.5, 0.5])
    const x = image()

    expect(await one.logits(x).data()).toEqual(await three.logits(x).data())
    expect(one.normalisation).toEqual(three.normalisation)
  })

  test.each([
    [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
    [
      [0, 0, 0],
      [1, 0, 1],
    ],
    [
      [0, NaN, 0],
      [1, 1, 1],
    ],
  ])('refuses mean %o with std %o', (mean, std) => {
    using network = createNetwork(architecture, createRandom('a'))

    expect(() => createModel(network, {mean, std})).toThrow(
      expect.objectContaining({code: 'E_NORMALISATION', exit: 2}),
    )
  })
})

describe('cuts', () => {
  test('wherever a network is cut, both halves together are the network', async () => {
    using network = createNetwork(architecture, createRandom('a'))
    const x = image()
    const whole = await architecture.forward(network.parameters, x, 'eval').logits.data()

    for (const name of [
      'conv1.weight',
      'block2.layer.0.bn2.weight',
      'block3.layer.0.conv2.weight',
      'fc.bias',
    ]) {
      const cut = architecture.cut?.([name, 'fc.weight'])
      expect(cut?.tailParameters.has(name)).toBe(true)
      const h = cut?.trunk(network.parameters, x) as tf.Tensor4D
      expect(await cut?.tail(network.parameters, h).data()).toEqual(whole)
    }
    expect([...(architecture.cut?.(['fc.bias']).tailParameters ?? [])]).toContain('bn1.weight')
    expect(architecture.cut?.(['fc.bias']).tailParameters.has('block3.layer.0.conv2.weight')).toBe(false)
  })
})
