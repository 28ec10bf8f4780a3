import {silent} from '@abd/core'
import type {Defence} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {crossEntropy, inversionLoss, jensenShannon, totalVariation} from '@abd/core/math'
import {tinyModel} from '@abd/core/testing'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor4D} from '@tensorflow/tfjs-core'
import {beforeAll, describe, expect, test} from 'vitest'
import {deepInversion} from '../../../plugins/distill/src/deepinversion/deepinversion.ts'
import {DeepInversionOptions} from '../../../plugins/distill/src/deepinversion/options.ts'
import {createPixelSynthesis} from '../../../plugins/distill/src/deepinversion/pixel-synthesis.ts'
import {applyView, rolledView} from '../../../plugins/distill/src/inversion/views.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const small = {epochs: 2, synthesisSteps: 3, studentSteps: 2, synthesisBatch: 6, batch: 4}

const startSynthesis = (settings: Record<string, unknown> = {}, defence: Defence = {}) => {
  const teacher = tinyModel(createRandom('teacher'))
  const student = tinyModel(createRandom('student'))
  const options = DeepInversionOptions.parse({...small, ...settings})
  const synthesis = createPixelSynthesis({teacher, student, defence}, options, createRandom(1))
  synthesis.begin(0)
  return {
    teacher,
    student,
    synthesis,
    /** The loss of a step, and the images before it. */
    async step(index: number) {
      const images = synthesis.draw()
      const loss = tf.tidy(() => synthesis.step(0, index))
      try {
        return {loss: (await loss.data())[0]!, images: [...(await images.data())]}
      } finally {
        tf.dispose([images, loss])
      }
    },
    [Symbol.dispose]() {
      for (const piece of [synthesis, student, teacher]) piece[Symbol.dispose]()
    },
  }
}

/** The pixels that an epoch starts from, the view of its first step and its classes, as the synthesis draws them. */
function drawnFirst() {
  const draw = createRandom(1).fork('epoch').fork(0)
  const classes = draw.fork('classes')
  return {
    v: draw.fork('pixels').normalTensor<Tensor4D>([6, 8, 8, 3]),
    view: rolledView(6, [8, 8], {share: 1 / 8, flip: true}, draw.fork('step').fork(0)),
    targets: tf.tensor1d(Array.from({length: 6}, () => classes.integer(3)).sort(), 'int32'),
  }
}

describe('the synthesis of deepinversion', () => {
  test('descends on its four terms and the defence’s', async () => {
    const weights = {inversion: 2, oneHot: 3, adversarial: 5, variation: 7}
    using one = startSynthesis(weights, {synthesisLoss: (x) => tf.mul<Scalar>(tf.mean(tf.square(x)), 11)})
    const byHand = tf.tidy(() => {
      const {v, view, targets} = drawnFirst()
      const x = applyView(v, view)
      const {architecture, parameters} = one.teacher.network
      const distances: Scalar[] = []
      const t = architecture.forward(parameters, x, 'eval', (layer, input) => {
        const of = (name: string) => parameters.get(`${layer}.${name}`) as unknown as Tensor1D
        distances.push(inversionLoss(input, {mean: of('running_mean'), variance: of('running_var')}))
      }).logits
      const s = one.student.network.architecture.forward(one.student.network.parameters, x, 'eval').logits
      return tf.addN([
        tf.mul<Scalar>(tf.addN(distances), 2),
        tf.mul<Scalar>(crossEntropy(t, targets), 3),
        tf.mul<Scalar>(jensenShannon(s, t, 3), -5),
        // Of the pixels as they are, not as they are rolled.
        tf.mul<Scalar>(totalVariation(v), 7),
        tf.mul<Scalar>(tf.mean(tf.square(x)), 11),
      ])
    })
    const expected = (await byHand.data())[0]!
    expect((await one.step(0)).loss / expected).toBeCloseTo(1, 4)
  })

  test('gives the images of its best step, as they were before it, not those of its last', async () => {
    // So fast that it overshoots.
    using one = startSynthesis({imageRate: 2})
    const steps = []
    for (let index = 0; index < 8; index++) steps.push(await one.step(index))
    const best = steps.reduce((a, b) => (b.loss < a.loss ? b : a))
    const last = one.synthesis.draw()
    const images = one.synthesis.finish()
    const [actual, live] = await Promise.all([images.data(), last.data()])
    tf.dispose([images, last])
    best.images.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 5))
    expect([...live]).not.toEqual([...actual])
  })

  test('gets closer to the teacher’s statistics', async () => {
    using one = startSynthesis({adversarial: 0, oneHot: 0})
    const losses = []
    for (let index = 0; index < 30; index++) losses.push((await one.step(index)).loss)
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!)
  })

  test('keeps pixels where images are', async () => {
    using one = startSynthesis({imageRate: 5})
    await one.step(0)
    // A step of Adam's first is its rate: every pixel is at one end, black or white.
    const {images} = await one.step(1)
    for (const value of images) expect(Math.min(value, 1 - value)).toBeCloseTo(0, 5)
  })

  test('starts every epoch from other pixels', async () => {
    using one = startSynthesis()
    const drawn = []
    for (const epoch of [0, 1, 0]) {
      one.synthesis.begin(epoch)
      const images = one.synthesis.draw()
      drawn.push(String(await images.data()))
      images.dispose()
    }
    expect(drawn[0]).toBe(drawn[2])
    expect(drawn[0]).not.toBe(drawn[1])
  })

  test('refuses to synthesise by nothing', () => {
    const none = {inversion: 0, oneHot: 0, adversarial: 0, variation: 0}
    expect(() => startSynthesis(none)).toThrow('inversion, oneHot, adversarial, variation are all 0')
  })
})

describe('deepinversion', () => {
  test('synthesises, then teaches with all images so far, epoch by epoch', async () => {
    const context = {engine, random: createRandom(5), progress: silent, signal: new AbortController().signal}
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const options = deepInversion.options.parse(small)
    using distiller = deepInversion.create(options, context)({teacher, student, defence: {}})
    const kinds: string[] = []
    await distil(distiller, {
      context,
      label: 'deepinversion',
      every: 1,
      onLosses: (_, losses) => kinds.push(Object.keys(losses).join()),
    })
    const epoch = ['synthesis', 'synthesis', 'synthesis', 'loss', 'loss']
    expect(kinds).toEqual([...epoch, ...epoch])
    const {count, data} = await distiller.sample(12)
    const image = (i: number) => data.slice(i * 192, (i + 1) * 192).join()
    expect(new Set(Array.from({length: count}, (_, i) => image(i))).size).toBe(12)
  })
})

describe('rolledView', () => {
  const ramp = () => tf.reshape<tf.Rank.R4>(tf.range(0, 16), [1, 4, 4, 1])
  const rolled = async (random: {integer(below: number): number}, flip: boolean, count = 1) => {
    const view = rolledView(count, [4, 4], {share: 1 / 4, flip}, {...createRandom(0), ...random})
    const batch = tf.tile(ramp(), [count, 1, 1, 1])
    return [...(await applyView(batch, view).data())]
  }
  const playing = (...draws: number[]) => ({integer: () => draws.shift()!})

  test('brings in on one side what goes out on the other, for the whole batch alike', async () => {
    // A quarter of 4 is 1: draws 0 1 2 roll by -1 0 1. Down by 1, to the left by 1.
    const one = [13, 14, 15, 12, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8]
    expect(await rolled(playing(2, 0), false, 2)).toEqual([...one, ...one])
  })

  test('mirrors where it is so drawn', async () => {
    // Not rolled down, not rolled to the side, mirrored.
    expect((await rolled(playing(1, 1, 1), true)).slice(0, 4)).toEqual([3, 2, 1, 0])
  })
})
