import * as tf from '@tensorflow/tfjs-core'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {freeEagle} from '../../../plugins/detect/src/detectors/free-eagle.ts'
import {studentTransfer} from '../../../plugins/detect/src/detectors/student-transfer.ts'
import {tendency} from '../../../plugins/detect/src/detectors/tendency.ts'
import {triggerInversion} from '../../../plugins/detect/src/detectors/trigger-inversion.ts'
import {universalPerturbation} from '../../../plugins/detect/src/detectors/universal-perturbation.ts'
import {applyInverted} from '../../../plugins/detect/src/inversion/apply-inverted.ts'
import {synthesiseImages} from '../../../plugins/detect/src/inversion/synthesise-images.ts'
import {maskForm, perturbationForm} from '../../../plugins/detect/src/inversion/trigger-form.ts'
import type {Evidence} from '../../../src/audit/detector.ts'
import type {Context} from '../../../src/context.ts'
import {toTensor} from '../../../src/data/to-tensor.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import {createModel} from '../../../src/nn/create-model.ts'
import {createNetwork} from '../../../src/nn/create-network.ts'
import {bandImages, differentiableModel, evidenceOf, plantedModel} from './planted.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

const pixels = (...data: number[]) => ({
  count: data.length / 3,
  height: 1,
  width: 1,
  channels: 3,
  data: Uint8Array.from(data),
})

describe('applyInverted', () => {
  it('keeps a share of every pixel and adds the pattern, as bytes', () => {
    // 200 · 0.5 + 51 = 151; 100 · 1 + 204 is more than white; 10 · 0 - 51 less than black.
    const trigger = {keep: Float32Array.of(0.5, 1, 0), add: Float32Array.of(0.2, 0.8, -0.2)}
    expect([...applyInverted(pixels(200, 100, 10, 0, 0, 0), trigger).data]).toEqual([151, 255, 0, 51, 204, 0])
  })
})

describe('trigger forms', () => {
  const of = {count: 2, input: [2, 2, 1] as const, random: createRandom(3)}

  it('a mask covers as many pixels as its shares add up to', async () => {
    using form = maskForm(of)
    // sigmoid(0) = 1/2 and sigmoid(-ln 3) = 1/4, four pixels each; pattern 1/2: 1 · 3/4 + 1/4 · 1/2.
    form.variables[0]!.assign(
      tf.tensor(
        [...new Array<number>(4).fill(0), ...new Array<number>(4).fill(-Math.log(3))],
        [2, 1, 2, 2, 1],
      ),
    )
    form.variables[1]!.assign(tf.zeros([2, 1, 2, 2, 1]))
    expect([...(await form.sizes().data())].map((size) => size.toFixed(5))).toEqual(['2.00000', '1.00000'])
    const [, , , , second] = await form.apply(tf.ones([1, 1, 2, 2, 1])).data()
    expect(second).toBeCloseTo(0.875, 6)
    expect(form.largest).toBe(4)
  })

  it('a perturbation is as large as its Euclidean norm, and what it makes are images', async () => {
    using form = perturbationForm(of)
    form.variables[0]!.assign(tf.tensor([3, 4, 0, 0, -0.3, 0, 0, 0], [2, 1, 2, 2, 1]))
    const sizes = await form.sizes().data()
    expect(sizes[0]).toBeCloseTo(5, 5)
    expect(sizes[1]).toBeCloseTo(0.3, 5)
    const made = await form.apply(tf.fill([1, 1, 2, 2, 1], 0.2)).data()
    expect(made[0]).toBe(1)
    expect(made[4]).toBe(0)
  })
})

describe('trigger_inversion', () => {
  const run = async (obeys: boolean) =>
    triggerInversion
      .create({images: 4, steps: 100, rate: 0.3, batch: 40, source: 'patches'}, context)
      .inspect(differentiableModel({target: 4, obeys}), evidenceOf([], 60), context)

  it('finds the class that nine pixels lead to, where others take a band of 48', async () => {
    const {target, statistic, details, illustrations, perClass} = await run(true)
    expect(target).toBe(4)
    expect(details['size']).toBeLessThan(14)
    expect(details['otherSizes']).toBeGreaterThan(20)
    expect(statistic).toBeGreaterThan(5)
    expect(details['heldOutShare']).toBeGreaterThan(0.9)
    expect(perClass).toHaveLength(10)
    expect(illustrations![0]).toMatchObject({
      kind: 'trigger',
      trigger: 'inverted:4',
      caption: expect.stringMatching(
        /covers \d+\.\d pixels in sum and moves \d+ % of 5\d held-out images into class 4\./,
      ),
    })
  })

  it('searches on the images of a generator where it is told to, and says where there is none', async () => {
    const look = (drawn?: Evidence['drawn']) =>
      triggerInversion
        .create({images: 4, steps: 100, rate: 0.3, batch: 40, source: 'generator'}, context)
        .inspect(
          differentiableModel({target: 4, obeys: true}),
          {...evidenceOf([], 60), ...(drawn ? {drawn} : {})},
          context,
        )
    const asked: number[] = []
    const found = await look(async (count) => {
      asked.push(count)
      return bandImages(count, 'drawn')
    })
    expect(asked).toEqual([100])
    expect(found.target).toBe(4)
    expect((await look()).details['notApplicable']).toContain('images of a generator')
  })

  it('has nothing to say of a network that gives one class whatever the image', async () => {
    const constant = differentiableModel({target: 4, obeys: false})
    const {statistic, target} = await triggerInversion
      .create({images: 2, steps: 3, rate: 0.3, batch: 40, source: 'patches'}, context)
      .inspect(
        {
          ...constant,
          logits: (x) =>
            tf.add(
              tf.mul(tf.reshape<tf.Rank.R2>(tf.sum(x, [1, 2, 3]), [-1, 1]), 0),
              tf.tensor2d([[0, 0, 1, 0, 0, 0, 0, 0, 0, 0]]),
            ),
        },
        evidenceOf([], 20),
        context,
      )
    expect({statistic, target}).toEqual({statistic: 0, target: null})
  })

  it('finds no small one in a network without a backdoor', async () => {
    const {details} = await run(false)
    expect(details['size']).toBeGreaterThan(20)
  })
})

describe('universal_perturbation', () => {
  it('finds the class with the faintest pattern', async () => {
    const {target, details} = await universalPerturbation
      .create({images: 4, steps: 100, rate: 0.05, batch: 40, source: 'patches'}, context)
      .inspect(differentiableModel({target: 7, obeys: true}), evidenceOf([], 60), context)
    expect(target).toBe(7)
    // The corner alone, 27 numbers, each less than 1.
    expect(details['size']).toBeLessThan(Math.sqrt(27))
    expect(details['otherSizes']).toBeGreaterThan(1.5 * Number(details['size']))
  })
})

describe('tendency', () => {
  it('is the largest column against the others’ quartiles', () => {
    // Columns: (0.9 + 0.9) / 2 = 0.9, 0.3, 0.3. Q1 0.3, Q3 0.6: (0.9 - 0.6) / 0.3.
    const {statistic, target, perClass} = tendency([
      [0, 0.5, 0.5],
      [0.9, 0, 0.1],
      [0.9, 0.1, 0],
    ])
    expect(target).toBe(0)
    expect(statistic).toBeCloseTo(1, 10)
    expect(perClass[0]).toBeCloseTo(0.9, 10)
    expect(perClass[1]).toBeCloseTo(0.3, 10)
  })

  it('knows no leaning where all share alike', () => {
    expect(
      tendency([
        [0, 0.5, 0.5],
        [0.5, 0, 0.5],
        [0.5, 0.5, 0],
      ]).statistic,
    ).toBe(0)
  })
})

describe('freeeagle_tendency', () => {
  const options = {splits: [5], starts: 2, steps: 60, rate: 0.05, weightDecay: 5e-3}

  it('finds the class that everything inside leans towards', async () => {
    const detector = freeEagle.create(options, context)
    const poisoned = await detector.inspect(
      differentiableModel({target: 6, obeys: true}),
      evidenceOf([], 60),
      context,
    )
    const clean = await detector.inspect(
      differentiableModel({target: 6, obeys: false}),
      evidenceOf([], 60),
      context,
    )
    expect(poisoned.target).toBe(6)
    expect(poisoned.statistic).toBeGreaterThan(2 * clean.statistic)
  })

  it('tries several cuts, and says what it saw behind the one with the strongest leaning', async () => {
    const [plain, leaning] = [false, true].map((obeys) => differentiableModel({target: 6, obeys}))
    const {architecture} = plain!.network
    // Leans behind the cut before the last five convolutions, and nowhere else.
    const cut = (names: Iterable<string>) => {
      const tailParameters = new Set(names)
      const of = tailParameters.size === 5 ? leaning : plain
      return {...of!.network.architecture.cut!([]), tailParameters}
    }
    const model = {...plain!, network: {...plain!.network, architecture: {...architecture, cut}}}
    const {statistic, target, details} = await freeEagle
      .create({...options, splits: [2, 5, 10]}, context)
      .inspect(model, evidenceOf([], 60), context)
    expect({target, layers: details['layers']}).toEqual({target: 6, layers: 5})
    const each = [2, 5, 10].map((layers) => details[`statisticBehind${layers}`] as number)
    expect(statistic).toBe(Math.max(...each))
    expect(statistic).toBe(each[1])
    expect(each[1]).toBeGreaterThan(2 * each[0]!)
    expect(each[1]).toBeGreaterThan(2 * each[2]!)
  })

  it('finds it, too, where the embeddings of all classes are too many for one batch', async () => {
    // 64 for each of ten classes are more than 400: six classes, then four.
    const run = async (obeys: boolean) =>
      freeEagle
        .create({...options, starts: 64, steps: 40}, context)
        .inspect(differentiableModel({target: 6, obeys}), evidenceOf([], 60), context)
    const [poisoned, clean] = [await run(true), await run(false)]
    expect(poisoned.target).toBe(6)
    expect(poisoned.statistic).toBeGreaterThan(2 * clean.statistic)
    // Each class gets what was made for it, those of the second batch, too.
    expect(clean.details['reached']).toBeGreaterThan(0.95)
  })

  it('asks at each place once, and only inside the network', async () => {
    const inspect = async (name: string, splits: number[]) => {
      const architecture = architectureByName(name, {classes: 3, input: [8, 8, 3]})
      using model = createModel(createNetwork(architecture, createRandom('n')), {
        mean: [0, 0, 0],
        std: [1, 1, 1],
      })
      const data = Uint8Array.from(createRandom('base').uniforms(4 * 192, 0, 256), Math.floor)
      const base = {count: 4, height: 8, width: 8, channels: 3, data}
      const evidence = {base, heldOut: base, triggers: []}
      return await freeEagle
        .create({...options, splits, starts: 1, steps: 1}, context)
        .inspect(model, evidence, context)
    }
    const asked = (details: object) => Object.keys(details).filter((key) => key.startsWith('statisticBehind'))
    // A block of two convolutions is not cut, and before the last nine of nine there is only the image.
    const {details} = await inspect('wrn-10-1', [1, 2, 9])
    expect(asked(details)).toEqual(['statisticBehind1'])
    const none = await inspect('wrn-10-1', [9, 100])
    expect(none.details['notApplicable']).toContain('too few convolutions')
  })

  it('says why it does not apply to a network that cannot be cut', async () => {
    const model = plantedModel({target: 1, obeys: true})
    const {cut: _, ...architecture} = model.network.architecture
    const {statistic, details} = await freeEagle
      .create(options, context)
      .inspect({...model, network: {...model.network, architecture}}, evidenceOf([], 10), context)
    expect(statistic).toBeNaN()
    expect(details['notApplicable']).toContain('does not cut')
  })
})

describe('synthesiseImages', () => {
  it('comes nearer to what BatchNorm remembers, and leaves no tensor behind', async () => {
    const architecture = architectureByName('wrn-10-1', {classes: 4, input: [16, 16, 3]})
    using model = createModel(createNetwork(architecture, createRandom('n')), {
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    })
    const before = context.engine.memory().tensors
    const [start, end] = [
      await synthesiseImages(model, {count: 8, steps: 0}, context),
      await synthesiseImages(model, {count: 8, steps: 8, rate: 0.05}, context),
    ]
    expect(context.engine.memory().tensors).toBe(before)
    const distance = async (images: typeof start) => {
      const value = tf.tidy(() => {
        const x = toTensor(images)
        let sum = tf.scalar(0)
        architecture.forward(model.network.parameters, tf.div(tf.sub(x, 0.5), 0.25), 'eval', (_, h) => {
          const {mean, variance} = tf.moments(h, [0, 1, 2])
          sum = tf.add(sum, tf.add(tf.norm(mean), tf.norm(tf.sub(variance, 1))))
        })
        return sum
      })
      const [number] = await value.data()
      value.dispose()
      return number!
    }
    expect(await distance(end)).toBeLessThan(0.95 * (await distance(start)))
    expect(end).toMatchObject({count: 8, height: 16, width: 16, channels: 3})
  })
})

describe('student_transfer', () => {
  const run = async (teacherObeys: boolean, secondObeys: boolean) =>
    studentTransfer.create({images: 4, steps: 60, rate: 0.3, batch: 40}, context).inspect(
      differentiableModel({target: 5, obeys: teacherObeys}),
      {
        ...evidenceOf([], 60),
        students: async (count) =>
          [true, secondObeys].slice(0, count).map((obeys) => differentiableModel({target: 5, obeys})),
      },
      context,
    )

  it('finds what only students obey, by a second one that agrees', async () => {
    const {target, statistic, details} = await run(false, true)
    expect(target).toBe(5)
    expect(details['onTeacher']).toBeLessThan(0.1)
    expect(details['onSecondStudent']).toBeGreaterThan(0.8)
    expect(statistic).toBeGreaterThan(5)
  })

  it('does not count what the first student alone obeys', async () => {
    const {perClass} = await run(false, false)
    // Other classes' bands move everyone; the corner moves nobody else.
    expect(perClass![5]).toBeLessThan(0.2)
    expect(perClass![5]).toBe(Math.min(...perClass!))
  })

  it('does not apply where no student is distilled', async () => {
    const {statistic, details} = await studentTransfer
      .create({images: 4, steps: 60, rate: 0.3, batch: 40}, context)
      .inspect(differentiableModel({target: 5, obeys: true}), evidenceOf([], 10), context)
    expect(statistic).toBeNaN()
    expect(details['notApplicable']).toContain('no students')
  })
})
