import type {Calibration} from '../../../src/audit/calibration.ts'
import {referenceFor} from '../../../src/audit/calibration.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {quantile} from '../../../src/math/quantile.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import {describe, expect, it} from 'vitest'

const wrn = architectureByName('wrn-16-1', {classes: 10, input: [32, 32, 3]})
const resnet = architectureByName('resnet-20', {classes: 10, input: [32, 32, 3]})

// 40 clean models with the statistic a = 0 … 39.
const calibration: Calibration = {
  schemaVersion: 1,
  id: 'test',
  detectors: {a: 1, b: 2},
  models: Array.from({length: 40}, (_, i) => ({
    sha256: i.toString(16).padStart(64, '0'),
    dataset: 'd',
    architecture: 'wrn-16-1',
    classes: 10,
    input: [32, 32, 3] as [number, number, number],
    seed: i,
    recipe: 'r',
    statistics: {a: i, b: 5},
  })),
}
const unknown = 'f'.repeat(64)

describe('referenceFor', () => {
  it('ranks a statistic among all clean models, counting the model itself', () => {
    const reference = referenceFor(calibration, {architecture: wrn, sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
    ])

    // Nobody is above 100: (1 + 0) / 41. Four are at least 36: (1 + 4) / 41. All are at least 0.
    expect(reference.null('a')!.pValue(100)).toBeCloseTo(1 / 41, 12)
    expect(reference.null('a')!.pValue(36)).toBeCloseTo(5 / 41, 12)
    expect(reference.null('a')!.pValue(0)).toBe(1)
    expect(reference.null('a')!.band[1]).toBe(19.5)
  })

  it('ranks the fused statistic among all clean models', () => {
    const reference = referenceFor(calibration, {architecture: wrn, sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
    ])

    expect(reference.rankedBy).toBe(40)
    expect(reference.smallestP).toBeCloseTo(1 / 41, 12)
    expect(reference.fuse(new Map([['a', 35.5]]))!.pValue).toBeCloseTo(5 / 41, 12)
    expect(reference.fuse(new Map([['a', 1000]]))!.pValue).toBeCloseTo(1 / 41, 12)
  })

  it('standardises each model by all the others, the audited one among them', () => {
    const four: Calibration = {
      ...calibration,
      models: [0, 1, 2, 10].map((a, i) => ({...calibration.models[i]!, statistics: {a}})),
    }
    const fused = referenceFor(four, {architecture: resnet, sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
    ]).fuse(new Map([['a', 3]]))!

    // Median of 0 1 2 10 is 1.5, that of |-1.5| |-.5| |.5| |8.5| is 1: z = 1.5 / 1.4826. Of the others only 10 has more: its
    // companions 0 1 2 3 have median 1.5 and deviation 1, and it is cut at 6 or has 5.73.
    expect(fused.statistic).toBeCloseTo(1.5 / 1.4826, 12)
    expect(fused.pValue).toBe(2 / 5)
  })

  it('counts each signal by its weight', () => {
    const four: Calibration = {
      ...calibration,
      detectors: {a: 1, b: 1},
      models: [0, 1, 2, 10].map((a, i) => ({...calibration.models[i]!, statistics: {a, b: 10 * a}})),
    }
    const fusedBy = (b: number) =>
      referenceFor(four, {architecture: resnet, sha256: unknown}, [
        {name: 'a', version: 1, weight: 1},
        {name: 'b', version: 1, weight: b},
      ]).fuse(
        new Map([
          ['a', 3],
          ['b', 0],
        ]),
      )!.statistic

    // As above, a has 1.5 / 1.4826 and b, ten times as wide, −15 / 14.826.
    expect(fusedBy(1)).toBeCloseTo(0, 12)
    expect(fusedBy(2)).toBeCloseTo(-0.5 / 1.4826, 12)
  })

  it('is exact: models of one kind, each judged by the rest, have the p-values 1/n … n/n', () => {
    const random = createRandom(7)
    const draw = () => random.uniform()
    const models = calibration.models.slice(0, 25).map((model) => ({
      ...model,
      statistics: {a: draw(), b: draw() ** 8 * 1000, c: Math.log(draw())},
    }))
    const drawn: Calibration = {...calibration, detectors: {a: 1, b: 1, c: 1}, models}
    const detectors = ['a', 'b', 'c'].map((name) => ({name, version: 1, weight: 1}))
    const pValues = models.map(({sha256, statistics}) =>
      Math.round(
        25 *
          referenceFor(drawn, {architecture: wrn, sha256}, detectors).fuse(
            new Map(Object.entries(statistics)),
          )!.pValue,
      ),
    )

    expect(pValues.sort((x, y) => x - y)).toEqual(Array.from({length: 25}, (_, i) => i + 1))
  })

  it('smooths the share of clean models, so that no two statistics tie', () => {
    const reference = referenceFor(calibration, {architecture: wrn, sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
    ])
    const smoothed = Array.from({length: 60}, (_, i) => reference.fuse(new Map([['a', i - 10]]))!.smoothed)

    for (const [i, share] of smoothed.slice(1).entries()) expect(share).toBeLessThan(smoothed[i]!)
    // In the middle of the clean models half of them are beyond, and half of the statistic itself.
    expect(reference.fuse(new Map([['a', 19.5]]))!.smoothed).toBeCloseTo(20.5 / 41, 2)
    expect(reference.fuse(new Map([['a', 1e6]]))!.smoothed).toBeGreaterThan(0)
  })

  it('leaves out a detector of another version', () => {
    const reference = referenceFor(calibration, {architecture: wrn, sha256: unknown}, [
      {name: 'b', version: 1, weight: 1},
    ])

    expect(reference.null('b')).toBeUndefined()
    expect(reference.fuse(new Map([['b', 5]]))).toBeUndefined()
  })

  it('does not judge a calibration model by its own statistics', () => {
    const own = calibration.models[39]!
    const reference = referenceFor(calibration, {architecture: wrn, sha256: own.sha256}, [
      {name: 'a', version: 1, weight: 1},
    ])

    expect(reference.null('a')!.models).toBe(39)
    expect(reference.null('a')!.pValue(39)).toBeCloseTo(1 / 40, 12)
  })

  const likenessOf = (name: string, input: [number, number, number], classes = 10) =>
    referenceFor(calibration, {architecture: architectureByName(name, {classes, input}), sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
    ]).likeness

  it('takes images of about the same size for alike, and no others', () => {
    const likeness = [28, 32, 36, 24, 64].map((side) => likenessOf('wrn-16-1', [side, side, 3]))
    expect(likeness).toEqual(['kind', 'kind', 'kind', 'unlike', 'unlike'])
    expect(likenessOf('wrn-16-1', [32, 32, 1])).toBe('unlike')
  })

  it('ranks other architectures and about as many classes as related', () => {
    expect(likenessOf('resnet-20', [32, 32, 3])).toBe('related')
    expect([4, 5, 8, 20, 21].map((classes) => likenessOf('wrn-16-1', [32, 32, 3], classes))).toEqual([
      ...['unlike', 'related', 'related', 'related', 'unlike'],
    ])
    const reference = referenceFor(calibration, {architecture: resnet, sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
    ])
    expect(reference.rankedBy).toBe(40)
    expect(reference.note).toContain('A resnet-20 of 10 classes')
  })

  it('prefers nineteen models of the kind to more that are related, those to fewer of the kind, and ten of the kind to none', () => {
    const mixed = (wrns: number, others: number) => ({
      ...calibration,
      models: calibration.models
        .slice(0, wrns + others)
        .map((model, i) => ({...model, architecture: i < wrns ? 'wrn-16-1' : 'vgg-8'})),
    })
    const of = (wrns: number, others: number) => {
      const {likeness, rankedBy} = referenceFor(mixed(wrns, others), {architecture: wrn, sha256: unknown}, [
        {name: 'a', version: 1, weight: 1},
      ])
      return [likeness, rankedBy]
    }
    expect(of(19, 21)).toEqual(['kind', 19])
    expect(of(18, 22)).toEqual(['related', 40])
    expect(of(10, 8)).toEqual(['kind', 10])
    expect(of(9, 9)).toEqual(['unlike', 18])
  })

  it('says so when a model is unlike all of them', () => {
    const architecture = architectureByName('resnet-20', {classes: 100, input: [32, 32, 3]})
    const reference = referenceFor(calibration, {architecture, sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
    ])

    expect(reference.likeness).toBe('unlike')
    expect(reference.note).toContain('A resnet-20 of 100 classes with input 32x32x3 is unlike')
  })

  /** The first `count` models have a statistic c as well: 40 − i for model i. */
  const withLater = (count: number): Calibration => ({
    ...calibration,
    detectors: {...calibration.detectors, c: 1},
    models: calibration.models.map((model, i) =>
      i < count ? {...model, statistics: {...model.statistics, c: 40 - i}} : model,
    ),
  })
  const both = [
    {name: 'a', version: 1, weight: 1},
    {name: 'c', version: 1, weight: 1},
  ]

  it('fuses a later detector once 19 clean models have it, and then over these alone', () => {
    const few = referenceFor(withLater(18), {architecture: wrn, sha256: unknown}, both)
    const enough = referenceFor(withLater(19), {architecture: wrn, sha256: unknown}, both)

    expect(few.rankedBy).toBe(40)
    expect(few.note).toContain('c is not among the signals taken together: 18 of 40')
    // As if it were not there, whatever its statistic.
    expect(few.fuse(new Map([['a', 36]]))).toEqual(
      few.fuse(
        new Map([
          ['a', 36],
          ['c', 1000],
        ]),
      ),
    )
    expect(few.fuse(new Map([['a', 36]]))!.pValue).toBeCloseTo(5 / 41, 12)
    expect(enough.rankedBy).toBe(19)
    expect(enough.note).toBeUndefined()
    expect(enough.fuse(new Map([['a', 36]]))).toBeUndefined()
    // a rises where c falls, so that all clean models fuse to about 0 and one with both high lies beyond.
    const odd = new Map([
      ['a', 36],
      ['c', 36],
    ])
    expect(enough.fuse(odd)!.pValue).toBeCloseTo(1 / 20, 12)
  })

  it('prefers related models that have every signal to those of the kind that lack one', () => {
    // Of 40 models 20 are of the kind; c is what `having` of these and all related ones have.
    const reference = (having: number) => {
      const all = withLater(40)
      return referenceFor(
        {
          ...all,
          models: all.models.map((model, i) => ({
            ...model,
            architecture: i < 20 ? 'wrn-16-1' : 'vgg-8',
            statistics: i >= having && i < 20 ? {a: model.statistics['a']!} : model.statistics,
          })),
        },
        {architecture: wrn, sha256: unknown},
        both,
      )
    }

    expect(reference(19)).toMatchObject({likeness: 'kind', fused: ['a', 'c'], rankedBy: 19})
    expect(reference(18)).toMatchObject({likeness: 'related', fused: ['a', 'c'], rankedBy: 38})
    expect(reference(18).note).toContain('too few of its kind that have every signal')
    // Nobody has all of them: the kind ranks by what it has.
    const none = referenceFor(withLater(5), {architecture: wrn, sha256: unknown}, both)
    expect(none).toMatchObject({likeness: 'kind', fused: ['a'], rankedBy: 40})
  })

  it('shows a detector that is not fused, and leaves it out of the p-value', () => {
    const reference = referenceFor(withLater(40), {architecture: wrn, sha256: unknown}, [
      {name: 'a', version: 1, weight: 1},
      {name: 'c', version: 1, weight: 0},
    ])

    expect(reference.fused).toEqual(['a'])
    expect(reference.note).toBeUndefined()
    expect(reference.null('c')!.models).toBe(40)
    expect(reference.fuse(new Map([['a', 36]]))!.pValue).toBeCloseTo(5 / 41, 12)
  })

  it('has a null of a detector from ten clean models on', () => {
    const nine = referenceFor(withLater(9), {architecture: wrn, sha256: unknown}, both)
    const ten = referenceFor(withLater(10), {architecture: wrn, sha256: unknown}, both)

    expect(nine.null('c')).toBeUndefined()
    expect(ten.null('c')!.models).toBe(10)
    expect(ten.null('c')!.pValue(100)).toBeCloseTo(1 / 11, 12)
  })

  it('stays finite where clean models all agree', () => {
    const reference = referenceFor(calibration, {architecture: wrn, sha256: unknown}, [
      {name: 'b', version: 2, weight: 1},
    ])

    expect(reference.fuse(new Map([['b', 5]]))).toMatchObject({statistic: 0, pValue: 1})
    expect(reference.fuse(new Map([['b', 6]]))!.statistic).toBe(6)
  })
})

describe('quantile', () => {
  it('interpolates between order statistics', () => {
    expect(quantile([1, 2, 4], 0.5)).toBe(2)
    expect(quantile([1, 2, 4], 0.75)).toBe(3)
    expect(quantile([7], 0.05)).toBe(7)
  })
})
