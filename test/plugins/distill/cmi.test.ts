import {silent} from '@abd/core'
import type {Defence} from '@abd/core'
import type {Engine} from '@abd/core/engine'
import {createRandom, openEngine} from '@abd/core/engine'
import {changed, tinyModel, weightsOf} from '@abd/core/testing'
import {distil} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {truncateSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, test} from 'vitest'
import {cmi} from '../../../plugins/distill/src/cmi/cmi.ts'
import {CmiOptions} from '../../../plugins/distill/src/cmi/options.ts'
import {createSynthesis} from '../../../plugins/distill/src/cmi/synthesis.ts'
import {smallPictures} from './small-pictures.ts'
import {applyView, resizedView, shiftedView} from '../../../plugins/distill/src/inversion/views.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('auto')
})

const small = {epochs: 2, synthesisSteps: 3, studentSteps: 4, synthesisBatch: 6, batch: 4, negatives: 4}

const start = (settings: Record<string, unknown> = {}, defence: Defence = {}) => {
  const context = {engine, random: createRandom(5), progress: silent, signal: new AbortController().signal}
  const teacher = tinyModel(createRandom('teacher'))
  const student = tinyModel(createRandom('student'))
  const distiller = cmi.create(
    cmi.options.parse({...small, ...settings}),
    context,
  )({teacher, student, defence})
  return {
    teacher,
    student,
    distiller,
    run: async () => {
      const losses: Record<string, number>[] = []
      await distil(distiller, {context, label: 'cmi', every: 1, onLosses: (_, each) => losses.push(each)})
      return losses
    },
    [Symbol.dispose]() {
      for (const piece of [distiller, teacher, student]) piece[Symbol.dispose]()
    },
  }
}

function broken(): string {
  const folder = smallPictures(2)
  truncateSync(join(folder, '1.png'), 60)
  return folder
}

describe('cmi', () => {
  test('synthesises, then teaches, epoch by epoch', async () => {
    using one = start()
    const losses = await one.run()
    const kinds = losses.map((each) => Object.keys(each).join())
    const epoch = ['synthesis', 'synthesis', 'synthesis', 'loss', 'loss', 'loss', 'loss']
    expect(kinds).toEqual([...epoch, ...epoch])
  })

  test('keeps the images of every epoch, and shows them', async () => {
    using one = start()
    await one.run()
    const {count, data} = await one.distiller.sample(12)
    expect(count).toBe(12)
    const image = (i: number) => data.slice(i * 192, (i + 1) * 192).join()
    expect(new Set(Array.from({length: 12}, (_, i) => image(i))).size).toBe(12)
  })

  test('the defence sees the images while they are synthesised, and adds its loss', async () => {
    const [plain, defended] = await Promise.all(
      [0, 3].map(async (extra) => {
        using one = start(
          {epochs: 1, synthesisSteps: 1},
          {
            synthesisLoss(x, t) {
              expect(x.shape).toEqual([6, 8, 8, 3])
              expect(t.shape).toEqual([6, 3])
              return tf.add<tf.Scalar>(tf.mul(tf.sum(x), 0), extra)
            },
          },
        )
        return (await one.run())[0]!.synthesis!
      }),
    )
    expect(defended).toBeCloseTo(plain! + 3, 3)
  })

  test.each([
    {shift: 4, edges: true},
    {shift: 0, edges: false},
  ])(
    'initialImages: the student learns from them in every pass, shifted by up to $shift',
    async ({shift, edges}) => {
      // In [0, 1]: 137 / 255, or black where a shift brought it in. Normalised (x - 0.5) / 0.25.
      const isGiven = (values: number[]) =>
        values.some((value) => value > -1.9) &&
        values.every((value) => value < -1.9 || Math.abs(value - (137 / 255 - 0.5) / 0.25) < 1e-4)
      const batches: tf.Tensor4D[] = []
      const defence: Defence = {
        retrospect({x}) {
          batches.push(tf.keep(tf.clone(x)))
          return undefined
        },
      }
      using one = start({initialImages: smallPictures(3), synthesisBatch: 5, shift}, defence)
      await one.run()
      const given = await Promise.all(
        batches.map(async (x) => (await x.array()).map((image) => isGiven(image.flat(2)))),
      )
      const black = await Promise.all(batches.map(async (x) => (await tf.min(x).data())[0]! < -1.9))
      tf.dispose(batches)
      expect(black.some(Boolean), 'black where a shift brought it in').toBe(edges)
      // A pass is two steps over 3 + 5 images in the first epoch, four over 3 + 10 (the last has one) in the second.
      expect(given.map(({length}) => length)).toEqual([4, 4, 4, 4, 4, 4, 4, 1])
      const counts = given.map((batch) => batch.filter(Boolean).length)
      expect(counts[0]! + counts[1]!).toBe(3)
      expect(counts[2]! + counts[3]!).toBe(3)
      expect(counts.slice(4).reduce((sum, count) => sum + count)).toBe(3)
      // They are no images of its own.
      const {data} = await one.distiller.sample(10)
      expect(
        Array.from({length: 10}, (_, i) => new Set(data.slice(i * 192, (i + 1) * 192)).size > 1),
      ).toEqual(new Array(10).fill(true))
    },
  )

  test.each([
    {folder: 'nowhere/to/be/found', code: 'E_PATH', says: '--set initialImages nowhere/to/be/found'},
    {folder: smallPictures(0), code: 'E_NO_IMAGES', says: 'holds no PNG or JPEG'},
    {folder: broken(), code: 'E_IMAGE', says: '1.png cannot be decoded'},
    {folder: smallPictures(1, {size: 9}), code: 'E_IMAGE_SIZE', says: '0.png is 9x9, and has to be 8x8.'},
  ])('initialImages: $code comes before the first step', async ({folder, code, says}) => {
    const error = expect.objectContaining({code, message: expect.stringContaining(says) as string}) as Error
    const untrained = tinyModel(createRandom('student'))
    await expect(async () => {
      using one = start({initialImages: folder})
      await one.run().catch(async (reason: unknown) => {
        expect(
          changed(await weightsOf(untrained.network), await weightsOf(one.student.network)),
          'of the student',
        ).toEqual([])
        throw reason
      })
    }).rejects.toThrow(error)
    untrained[Symbol.dispose]()
  })

  test('emptyWhenFull: the student learns all the same', async () => {
    using one = start({bank: 6, emptyWhenFull: true})
    const [untrained, losses] = [await weightsOf(one.student.network), await one.run()]
    expect(losses.map(({synthesis, loss}) => Number.isNaN(synthesis ?? loss))).toEqual(
      [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0].map(Boolean),
    )
    const trained = await weightsOf(one.student.network)
    expect([...trained.values()].every((values) => values.every(Number.isFinite))).toBe(true)
    expect(changed(untrained, trained).length).toBe(trained.size)
  })

  test('suspects none of its own images', async () => {
    const suspects = () => {
      throw new Error('asked')
    }
    using one = start({epochs: 1}, {suspects})
    await one.run()
  })

  test('each of its terms weighs in with its weight', async () => {
    const terms = ['inversion', 'oneHot', 'adversarial', 'contrast']
    const none = Object.fromEntries(terms.map((term) => [term, 0]))
    for (const term of terms) {
      const [once, twice] = await Promise.all(
        [1, 2].map(async (weight) => {
          // With no other term a generator's bias has no gradient to check: inversion is always there.
          using one = start({epochs: 1, synthesisSteps: 1, ...none, inversion: 1, [term]: weight})
          return (await one.run())[0]!.synthesis!
        }),
      )
      using base = start({epochs: 1, synthesisSteps: 1, ...none, inversion: 1})
      const bare = (await base.run())[0]!.synthesis!
      const [first, second] = term === 'inversion' ? [once!, twice!] : [once! - bare, twice! - bare]
      expect(second / first, term).toBeCloseTo(2, 2)
    }
  })
})

describe('the synthesis', () => {
  test('gives the images of its best step, as they were before it', async () => {
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const options = CmiOptions.parse({...small, generatorRate: 0.05})
    using synthesis = createSynthesis({teacher, student, defence: {}}, options, createRandom(1))
    synthesis.begin(0)
    const steps: {loss: number; images: number[]}[] = []
    for (let index = 0; index < 6; index++) {
      const drawn = synthesis.draw()
      const loss = tf.tidy(() => synthesis.step(0, index))
      steps.push({loss: (await loss.data())[0]!, images: [...(await drawn.data())]})
      tf.dispose([loss, drawn])
    }
    const best = steps.reduce((a, b) => (b.loss < a.loss ? b : a))
    const images = synthesis.finish()
    const actual = await images.data()
    images.dispose()
    best.images.forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 5))
  })

  test('gets closer to the teacher’s statistics', async () => {
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const options = CmiOptions.parse({...small, generatorRate: 0.01, adversarial: 0, contrast: 0})
    using synthesis = createSynthesis({teacher, student, defence: {}}, options, createRandom(1))
    synthesis.begin(0)
    const losses: number[] = []
    for (let index = 0; index < 30; index++) {
      const loss = tf.tidy(() => synthesis.step(0, index))
      losses.push((await loss.data())[0]!)
      loss.dispose()
    }
    expect(losses.at(-1)).toBeLessThan(0.95 * losses[0]!)
  })

  test('emptyWhenFull: a full bank makes the loss NaN, and the images of the untrained generator the best', async () => {
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    for (const emptyWhenFull of [false, true]) {
      // After an epoch of six images a bank for six is exactly full, after two it is not any more.
      const settings = {
        ...small,
        bank: 6,
        generatorRate: 0.01,
        oneHot: 0,
        adversarial: 0,
        contrast: 0.1,
        emptyWhenFull,
      }
      const options = CmiOptions.parse(settings)
      using synthesis = createSynthesis({teacher, student, defence: {}}, options, createRandom(1))
      const isNumber: boolean[] = []
      for (const epoch of [0, 1, 2]) {
        synthesis.begin(epoch)
        const untrained = synthesis.draw()
        for (let index = 0; index < [1, 20, 1][epoch]!; index++) {
          const loss = tf.tidy(() => synthesis.step(epoch, index))
          isNumber.push(Number.isFinite((await loss.data())[0]!))
          loss.dispose()
        }
        const [last, best] = [synthesis.draw(), synthesis.finish()]
        const [first, now, kept] = await Promise.all([untrained, last, best].map((each) => each.data()))
        expect(now!.every(Number.isFinite), 'the generator learns from finite gradients').toBe(true)
        expect(now).not.toEqual(first)
        if (epoch === 1) expect(String(kept) === String(first)).toBe(emptyWhenFull)
        tf.dispose([untrained, last, best])
      }
      const full = Array.from({length: 20}, () => !emptyWhenFull)
      expect(isNumber).toEqual([true, ...full, true])
    }
  })

  test('starts every epoch from other weights', async () => {
    using teacher = tinyModel(createRandom('teacher'))
    using student = tinyModel(createRandom('student'))
    const before = await weightsOf(teacher.network)
    const options = CmiOptions.parse(small)
    using synthesis = createSynthesis({teacher, student, defence: {}}, options, createRandom(1))
    const drawn: string[] = []
    for (const epoch of [0, 1, 0]) {
      synthesis.begin(epoch)
      const images = synthesis.draw()
      drawn.push(String(await images.data()))
      images.dispose()
    }
    expect(drawn[0]).toBe(drawn[2])
    expect(drawn[0]).not.toBe(drawn[1])
    expect(changed(before, await weightsOf(teacher.network))).toEqual([])
  })
})

describe('views', () => {
  const ramp = () => tf.reshape<tf.Rank.R4>(tf.range(0, 16), [1, 4, 4, 1])

  test('a shift brings in black', async () => {
    const one = tf.ones<tf.Rank.R4>([40, 4, 4, 1])
    const view = shiftedView(40, [4, 4], {padding: 1, flip: false}, createRandom(2))
    const sums = [...(await tf.sum(applyView(one, view), [1, 2, 3]).data())]
    // 16, less a row, a column or both: 12 or 9
    expect(new Set(sums)).toEqual(new Set([16, 12, 9]))
  })

  test('without shift and flip nothing changes; a flip mirrors', async () => {
    const same = shiftedView(1, [4, 4], {padding: 0, flip: false}, createRandom(1))
    expect([...(await applyView(ramp(), same).data())]).toEqual([...(await ramp().data())])
    const rows = new Set<string>()
    for (let seed = 0; seed < 8; seed++) {
      const view = shiftedView(1, [4, 4], {padding: 0, flip: true}, createRandom(seed))
      rows.add([...(await applyView(ramp(), view).data())].slice(0, 4).join())
    }
    expect(rows).toEqual(new Set(['0,1,2,3', '3,2,1,0']))
  })

  test('a resized crop stays within the image and keeps a constant', async () => {
    const view = resizedView(50, [8, 8], {flip: true}, createRandom(3))
    const y = await applyView(tf.fill([50, 8, 8, 2], 0.7), view).data()
    for (const value of y) expect(value).toBeCloseTo(0.7, 5)
  })

  test('lead the gradient back to the image', async () => {
    const view = resizedView(2, [4, 4], {flip: true}, createRandom(3))
    const gradient = tf.grad((x) => tf.sum(applyView(x as Tensor4D, view)))(tf.ones([2, 4, 4, 1]))
    // Every one of 16 pixels of the result is a weighted mean: 16 in all, an image.
    expect((await tf.sum(gradient).data())[0]).toBeCloseTo(32, 3)
  })
})
