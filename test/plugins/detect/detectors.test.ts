import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Context} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import type {Method} from '../../../src/method.ts'
import {detectPlugin} from '../../../plugins/detect/src/index.ts'
import {outlier} from '../../../plugins/detect/src/detectors/outlier.ts'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {createRegistry} from '../../../src/registry.ts'
import {createModel} from '../../../src/nn/create-model.ts'
import {createNetwork} from '../../../src/nn/create-network.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import {bandImages, evidenceOf, featuredModel, plantedModel} from './planted.ts'
import {contextOn} from '../../support/context-on.ts'

let context: Context
beforeAll(async () => {
  context = await contextOn('wasm')
})
afterAll(() => context.engine[Symbol.asyncDispose]())

const registry = createRegistry([attackPlugin, detectPlugin])
const shape = {height: 32, width: 32, channels: 3}
const inspect = (
  name: string,
  options: object,
  model: ReturnType<typeof plantedModel>,
  triggers: string[] = [],
) =>
  registry
    .create('detector', name, options, context)
    .inspect(
      model,
      evidenceOf(triggers.map((trigger) => registry.create('trigger', trigger, {}, context)(shape))),
      context,
    )

describe('patch_probes', () => {
  it('finds a backdoor that nobody told it about, and confirms it on held-out images', async () => {
    const model = plantedModel({target: 4, obeys: true})
    const {statistic, target, demonstrations, details} = await inspect(
      'patch_probes',
      {screen: 60, images: 60},
      model,
    )

    // Every white patch that covers the corner fires on all images.
    expect(statistic).toBe(1)
    expect(target).toBe(4)
    expect(details['best']).toMatch(/white .* bottom-right/)
    expect(demonstrations![0]).toMatchObject({target: 4, asr: 1, on: 'teacher', origin: 'probe'})
    expect(demonstrations![0]!.controlAsr).toBeLessThan(0.1)
  })

  it('is not impressed by a network without one', async () => {
    const {statistic} = await inspect(
      'patch_probes',
      {screen: 60, images: 60},
      plantedModel({target: 4, obeys: false}),
    )

    // A white patch covers at most 18 of a band's 48 pixels: 0.1 + 0.9 · 18/48 stays below the bright band's 0.9.
    expect(statistic).toBe(0)
  })
})

describe('known_triggers', () => {
  it('tells a trigger of the library from its random controls', async () => {
    // badnet_sq is white on rows and columns 27 to 30: not the corner. Only a trigger with its corner white would do.
    const nothing = await inspect('known_triggers', {images: 60}, plantedModel({target: 4, obeys: true}), [
      'badnet_sq',
    ])

    expect(nothing.statistic).toBeLessThan(0.3)
    expect(nothing.demonstrations).toHaveLength(1)
  })
})

describe('prediction_skew', () => {
  it('is 0 for classes in equal shares and 1 for one class only', async () => {
    const even = await inspect('prediction_skew', {images: 60}, plantedModel({target: 0, obeys: false}))
    expect(even.statistic).toBeCloseTo(0, 10)
    expect(even.perClass).toEqual(new Array(10).fill(0.1))
  })
})

describe('outlier', () => {
  it('is the largest value in robust standard deviations of the others', () => {
    // Others 1, 2, 3, 4: median 2.5, deviations 1.5 0.5 0.5 1.5, MAD 1; (10 - 2.5) / 1.4826.
    expect(outlier([1, 2, 10, 3, 4]).statistic).toBeCloseTo(7.5 / 1.4826, 10)
    expect(outlier([1, 2, 10, 3, 4]).target).toBe(2)
  })

  it('takes differences among the others for no less than told', () => {
    expect(outlier([2, 2, 5, 2], 0.5)).toEqual({statistic: 6, target: 2})
    expect(outlier([1, 2, 10, 3, 4], 0.5)).toEqual(outlier([1, 2, 10, 3, 4]))
  })

  it('knows no outlier among equals, and shift and scale do not matter', () => {
    expect(outlier([3, 3, 3])).toEqual({statistic: 0, target: 0})
    expect(outlier([101, 102, 110, 103, 104]).statistic).toBeCloseTo(outlier([1, 2, 10, 3, 4]).statistic, 10)
    expect(outlier([2, 4, 20, 6, 8]).statistic).toBeCloseTo(outlier([1, 2, 10, 3, 4]).statistic, 10)
  })
})

describe('every detector', () => {
  const real = () => {
    const architecture = architectureByName('wrn-16-1', {classes: 4, input: [16, 16, 3]})
    return createModel(createNetwork(architecture, createRandom('n')), {
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    })
  }
  const small: Readonly<Record<string, object>> = {
    known_triggers: {images: 40, controls: 1},
    patch_probes: {screen: 24, images: 40, refine: 4},
    pattern_probes: {screen: 24, images: 40, refine: 4},
    wave_probes: {images: 40, confirm: 1},
    adaptive_probes: {screen: 8, images: 8, rounds: 3, tries: 2, heldOut: 40},
    adaptive_patterns: {images: 4, rounds: 3, pairs: 1, heldOut: 40},
    prediction_skew: {images: 40},
    shuffle_divergence: {images: 40, ensembles: 1},
    maximum_margin: {starts: 1, steps: 2},
    trigger_inversion: {images: 2, steps: 2},
    universal_perturbation: {images: 2, steps: 2},
    freeeagle_tendency: {starts: 1, steps: 2},
    student_transfer: {images: 2, steps: 2},
    convergence_speed: {starts: 1, steps: 2},
    ood_shift: {images: 10, steps: 2},
    near_ood_shift: {images: 10, steps: 2},
    neural_cleanse: {images: 2, steps: 2},
    strip_entropy: {overlays: 2},
    activation_clustering: {fewest: 5},
  }
  const half = (seed: string) => ({
    count: 40,
    height: 16,
    width: 16,
    channels: 3,
    data: Uint8Array.from(createRandom(seed).uniforms(40 * 16 * 16 * 3, 0, 256), Math.floor),
  })
  const evidence = {base: half('a'), heldOut: half('b'), images: half('c'), triggers: []}

  it.each((detectPlugin.methods as readonly Method[]).map(({name}) => name))(
    '%s: same seed, same numbers; finite; no tensor left behind',
    async (name) => {
      // Hundreds of probes are too much for a real network on wasm: for these, the planted one. An untrained network puts all
      // images into one class, which leaves nothing to compare.
      const probes = name.endsWith('_probes') || name.startsWith('adaptive_')
      const clusters = name === 'activation_clustering'
      using model = probes ? plantedModel({target: 1, obeys: true}) : clusters ? featuredModel() : real()
      const look = probes
        ? evidenceOf([], 40)
        : clusters
          ? {...evidenceOf([], 40), images: bandImages(100, 'given')}
          : {
              ...evidence,
              students: async () => Promise.resolve([model, model]),
              ask: async (other: string) =>
                registry
                  .create('detector', other, small[other] ?? {}, context)
                  .inspect(model, evidence, context),
            }
      const detector = registry.create('detector', name, small[name] ?? {}, context)
      const first = await detector.inspect(model, look, context)
      const before = context.engine.memory().tensors
      const second = await detector.inspect(model, look, context)

      expect(context.engine.memory().tensors).toBe(before)
      expect(second).toEqual(first)
      expect(Number.isFinite(first.statistic)).toBe(true)
      if (first.perClass) expect(first.perClass).toHaveLength(probes || clusters ? 10 : 4)
      expect(registry.get('detector', name).options.safeParse({}).success).toBe(true)
    },
  )

  it.each([
    'last_layer',
    'maximum_margin',
    'convergence_speed',
    'trigger_inversion',
    'class_agreement',
    'student_transfer',
  ])('%s says of two classes that neither can stand out', async (name) => {
    const architecture = architectureByName('wrn-16-1', {classes: 2, input: [16, 16, 3]})
    using model = createModel(createNetwork(architecture, createRandom('n')), {mean: [0.5], std: [0.25]})
    const detector = registry.create('detector', name, small[name] ?? {}, context)
    const {statistic, target, details} = await detector.inspect(model, evidence, context)

    expect(statistic).toBeNaN()
    expect(target).toBeNull()
    expect(details['notApplicable']).toBe('it compares a class with at least two others')
  })
})
