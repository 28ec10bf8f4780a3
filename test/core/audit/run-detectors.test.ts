import {describe, expect, it} from 'vitest'
import {z} from 'zod'
import type {Calibration} from '../../../src/audit/calibration.ts'
import {referenceFor} from '../../../src/audit/calibration.ts'
import {groundsOf} from '../../../src/audit/grounds-of.ts'
import {Policy} from '../../../src/audit/policy.ts'
import {runDetectors} from '../../../src/audit/run-detectors.ts'
import type {Context} from '../../../src/context.ts'
import {silent} from '../../../src/context.ts'
import {createRandom} from '../../../src/engine/create-random.ts'
import {defineMethod} from '../../../src/method.ts'
import {architectureByName} from '../../../src/nn/architecture-by-name.ts'
import {createRegistry} from '../../../src/registry.ts'
import {rankWords, statisticWords} from '../../../src/report/finding-words.ts'
import {evidenceOf, plantedModel} from '../../plugins/detect/planted.ts'

const saying = (name: string, statistic: number, details: Record<string, string> = {}) =>
  defineMethod({
    kind: 'detector',
    name,
    summary: `Says ${statistic}`,
    options: z.strictObject({}),
    create: () => ({
      version: 1,
      needs: 'forward',
      inspect: async () => Promise.resolve({statistic, target: 3, details}),
    }),
  })

const registry = createRegistry([
  {
    name: 'test',
    methods: [
      saying('known', 30),
      saying('new', 1e6),
      saying('unmoved', 0),
      saying('blind', Number.NaN, {notApplicable: 'there is nothing to see'}),
    ],
  },
])

// 40 clean models on which `known` said 0 … 39; nobody was asked `new`.
const calibration: Calibration = {
  schemaVersion: 1,
  id: 'test',
  detectors: {known: 1},
  models: Array.from({length: 40}, (_, i) => ({
    sha256: i.toString(16).padStart(64, '0'),
    dataset: 'd',
    architecture: 'wrn-16-1',
    classes: 10,
    input: [32, 32, 3] as [number, number, number],
    seed: i,
    recipe: 'r',
    statistics: {known: i},
  })),
}

async function audit(names: readonly string[]) {
  const context = {random: createRandom(1), progress: silent, signal: new AbortController().signal} as Context
  const reference = referenceFor(
    calibration,
    {architecture: architectureByName('wrn-16-1', {classes: 10, input: [32, 32, 3]}), sha256: 'f'.repeat(64)},
    names.map((name) => ({name, version: 1, weight: 1})),
  )
  const signals = await runDetectors(plantedModel({target: 1, obeys: false}), evidenceOf([], 1), {
    detectors: names.map((name) => ({name, options: {}})),
    registry,
    context,
    reference,
    policy: Policy.parse({}),
  })
  return {
    signals,
    fused: groundsOf(reference, {
      scan: [],
      demonstrations: [],
      findings: signals.findings,
      degenerate: null,
    }).fused,
  }
}

describe('a detector that the calibration does not know', () => {
  it('is shown with its statistic and its class, not ranked and not suspicious', async () => {
    const {signals} = await audit(['known', 'new'])
    const [known, added] = signals.findings

    expect(known!.pValue).toBeCloseTo(11 / 41, 12)
    expect(added).toMatchObject({statistic: 1e6, pValue: null, suspicious: false, target: 3})
    expect(added).not.toHaveProperty('band')
    expect(rankWords(added!)).toBe('not calibrated')
  })

  it('changes nothing in the fused statistic, whatever it says', async () => {
    const alone = await audit(['known'])
    expect(alone.fused).toBeDefined()
    expect((await audit(['known', 'new', 'blind'])).fused).toEqual(alone.fused)
  })

  it('is fused with nothing where it stands alone', async () => {
    expect((await audit(['new'])).fused).toBeUndefined()
  })
})

describe('a detector that cannot look at a model', () => {
  it('gives no statistic, but its reason', async () => {
    const {signals} = await audit(['blind'])
    const [finding] = signals.findings

    expect(finding).toMatchObject({statistic: null, suspicious: false})
    expect(finding!.details).toEqual({notApplicable: 'there is nothing to see'})
    expect(statisticWords(finding!)).toBe('not applicable')
    expect(rankWords(finding!)).toBe('–')
    expect(statisticWords({...finding!, details: {}})).toBe('could not be computed')
  })
})

describe('a detector that sees nothing', () => {
  it('points at no class', async () => {
    const {signals} = await audit(['unmoved'])

    expect(signals.findings[0]).toMatchObject({statistic: 0, target: null})
  })
})
