import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Context} from '../../../src/context.ts'
import {askDetectors} from '../../../src/audit/ask-detectors.ts'
import type {Observation} from '../../../src/audit/detector.ts'
import {createRegistry} from '../../../src/registry.ts'
import {defineMethod} from '../../../src/method.ts'
import {classAgreement} from '../../../plugins/detect/src/detectors/class-agreement.ts'
import {largestOf, standardScores} from '../../../plugins/detect/src/detectors/standard-scores.ts'
import {contextOn} from '../../support/context-on.ts'
import {evidenceOf, plantedModel} from './planted.ts'
import {z} from 'zod'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

describe('standardScores', () => {
  it('are distances from the mean in standard deviations', () => {
    // Mean 3, deviations -2 0 2: variance 8 / 3.
    expect(standardScores([1, 3, 5])).toEqual([-2, 0, 2].map((value) => value / Math.sqrt(8 / 3)))
    expect(standardScores([4, 4, 4])).toEqual([0, 0, 0])
  })

  it('have a largest, the first of several', () => {
    expect(largestOf([1, 5, 5])).toEqual({value: 5, at: 1})
  })
})

describe('class_agreement', () => {
  /** One class of ten at 1, the others at 0: standard scores of 3 and -1 / 3. */
  const oneOfTen = (at: number) => Array.from({length: 10}, (_, c) => (c === at ? 1 : 0))
  const inspect = (answers: Readonly<Record<string, readonly number[]>>) => {
    const ask = async (name: string): Promise<Observation> =>
      Promise.resolve({statistic: 0, target: null, details: {}, perClass: answers[name]!})
    return classAgreement
      .create({}, context)
      .inspect(plantedModel({target: 4, obeys: true}), {...evidenceOf([]), ask}, context)
  }

  it('is large where both signals point at one class, whatever their units', async () => {
    const {statistic, target, details, perClass} = await inspect({
      trigger_inversion: oneOfTen(4),
      last_layer: oneOfTen(4).map((value) => 100 - 7 * (1 - value)),
    })
    expect(statistic).toBeCloseTo(6 / Math.SQRT2, 10)
    expect(target).toBe(4)
    expect(perClass![0]).toBeCloseTo(-2 / 3 / Math.SQRT2, 10)
    expect(details['last_layer']).toBeCloseTo(3, 10)
  })

  it('is small where each points at a class of its own', async () => {
    const {statistic, target} = await inspect({trigger_inversion: oneOfTen(4), last_layer: oneOfTen(7)})
    expect(statistic).toBeCloseTo((3 - 1 / 3) / Math.SQRT2, 10)
    expect(target).toBe(4)
  })

  it('points at nothing where the classes are alike', async () => {
    const alike = Array.from({length: 10}, () => 2)
    expect(await inspect({trigger_inversion: alike, last_layer: alike})).toMatchObject({
      statistic: 0,
      target: null,
    })
  })

  it('says that it can ask nobody', async () => {
    const {details} = await classAgreement
      .create({}, context)
      .inspect(plantedModel({target: 4, obeys: true}), evidenceOf([]), context)
    expect(details['notApplicable']).toContain('nobody to ask')
  })
})

describe('askDetectors', () => {
  it('runs each once for the same options, with random numbers that depend on its name alone', async () => {
    const drawn: string[] = []
    const drawing = (name: string, others: readonly string[]) =>
      defineMethod({
        kind: 'detector',
        name,
        summary: '',
        options: z.strictObject({times: z.number().default(1)}),
        create: ({times}) => ({
          version: 1,
          needs: 'forward',
          async inspect(_, {ask}, {random}) {
            for (const other of others) await ask!(other)
            drawn.push(name)
            return {statistic: times * random.uniforms(1, 0, 1)[0]!, target: null, details: {}}
          },
        }),
      })
    const registry = createRegistry([{name: 'test', methods: [drawing('one', []), drawing('two', ['one'])]}])
    const model = plantedModel({target: 4, obeys: true})
    const ask = askDetectors(model, evidenceOf([]), {registry, context})
    const two = await ask('two')
    const one = await ask('one')
    expect(drawn).toEqual(['one', 'two'])
    expect((await ask('one', {times: 3})).statistic).toBeCloseTo(3 * one.statistic, 6)
    const again = askDetectors(model, evidenceOf([]), {registry, context})
    expect((await again('one')).statistic).toBe(one.statistic)
    expect((await again('two')).statistic).toBe(two.statistic)
  })
})
