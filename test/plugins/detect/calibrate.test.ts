import {createRegistry, defineMethod, silent} from '@abd/core'
import type {Calibration, Evidence, Profile} from '@abd/core/audit'
import {planOf} from '@abd/core/audit'
import {createRandom, openEngine} from '@abd/core/engine'
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, test} from 'vitest'
import {z} from 'zod'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {calibratedDetectors} from '../../../plugins/detect/src/calibrate/calibrated-detectors.ts'
import type {CalibrateOptions} from '../../../plugins/detect/src/calibrate/calibrate.ts'
import {calibrate} from '../../../plugins/detect/src/calibrate/calibrate.ts'
import Calibrate from '../../../plugins/detect/src/commands/detect/calibrate.ts'
import {detectPlugin} from '../../../plugins/detect/src/index.ts'

const example = (name: string) => new URL(`../../../examples/${name}`, import.meta.url).pathname
const registry = createRegistry([attackPlugin, detectPlugin])

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'abd-calibrate-'))
})

const contextOf = async () => ({
  engine: await openEngine('auto'),
  random: createRandom(1),
  progress: silent,
  signal: new AbortController().signal,
})

const run = async (out = join(folder, 'calibration.json'), more: Partial<CalibrateOptions> = {}) =>
  calibrate({
    directory: folder,
    out,
    id: 'test',
    profile: 'standard',
    merge: [],
    registry,
    context: await contextOf(),
    ...more,
  })

const sha256 = /[0-9a-f]{64}/.exec(readFileSync(example('teacher-clean.abd.yml'), 'utf8'))![0]

function giveTeacher() {
  copyFileSync(example('teacher-clean.safetensors'), join(folder, 'a.safetensors'))
  copyFileSync(example('teacher-clean.abd.yml'), join(folder, 'a.abd.yml'))
}

const teachesNothing = defineMethod({
  kind: 'distiller',
  name: 'ood',
  summary: 'Teaches nothing',
  options: z.looseObject({}),
  create: () => () => ({
    steps: 0,
    step: () => ({}),
    sample: (count) => ({count, height: 1, width: 1, channels: 3, data: new Uint8Array(3 * count)}),
    [Symbol.dispose]() {},
  }),
})

/** Detectors of all profiles' names that say at once how often they were asked before; the four of task images say so. */
function quickWitted(
  inspected: string[] = [],
  after: (name: string, evidence: Evidence) => unknown = () => undefined,
) {
  const needing = ['near_ood_shift', 'neural_cleanse', 'strip_entropy', 'activation_clustering']
  const methods = planOf('deep').detectors.map(({name}) =>
    defineMethod({
      kind: 'detector',
      name,
      summary: name,
      options: z.strictObject({}),
      create: () => ({
        version: 1,
        needs: 'forward',
        ...(needing.includes(name) ? {needsTaskImages: true as const} : {}),
        inspect: async (_, evidence) => {
          inspected.push(name)
          await after(name, evidence)
          return {statistic: inspected.length, target: null, details: {}}
        },
      }),
    }),
  )
  return createRegistry([attackPlugin, {name: 'quick-witted', methods: [...methods, teachesNothing]}])
}

const namesOf = (profile: Profile) => planOf(profile).detectors.map(({name}) => name)

const entry = (hash: string, statistics: Record<string, number>): Calibration['models'][number] => ({
  sha256: hash.repeat(64),
  dataset: 'signs',
  architecture: 'wrn-16-1',
  classes: 10,
  input: [32, 32, 3],
  seed: 1,
  recipe: 'r',
  statistics,
})

/** A calibration in the folder, by its path. */
function written(
  name: string,
  calibration: Pick<Calibration, 'detectors' | 'models'> & Partial<Calibration>,
): string {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify({schemaVersion: 1, id: name, ...calibration}))
  return path
}

describe('abd detect calibrate', () => {
  test('refuses a file that would run code, as an audit does', async () => {
    writeFileSync(join(folder, 'evil.pt'), "cos\nsystem\n(S'true'\ntR.")
    await expect(run()).rejects.toMatchObject({code: 'E_MODEL_DANGEROUS', exit: 3})
  })

  test('refuses a card of another file', async () => {
    copyFileSync(example('teacher-clean.safetensors'), join(folder, 'a.safetensors'))
    const card = readFileSync(example('teacher-clean.abd.yml'), 'utf8')
    writeFileSync(join(folder, 'a.abd.yml'), card.replace(/[0-9a-f]{64}/, 'f'.repeat(64)))
    await expect(run()).rejects.toMatchObject({code: 'E_CARD_MISMATCH'})
  })

  test('runs again only what has no statistic of its version yet, and keeps models whose files are elsewhere', async () => {
    giveTeacher()
    const out = join(folder, 'calibration.json')
    const names = planOf('standard').detectors.map(({name}) => name)
    const context = await contextOf()
    const versions = Object.fromEntries(
      names.map((name) => [name, registry.create('detector', name, {}, context).version]),
    )
    // Statistics that no detector would give, so that one can see which were computed anew.
    const known = Object.fromEntries(names.map((name) => [name, -77]))
    const model = {
      sha256,
      dataset: 'signs',
      architecture: 'wrn-16-1',
      classes: 10,
      input: [32, 32, 3],
      seed: 1,
      recipe: 'r',
      statistics: known,
    }
    const {last_layer: _, ...withoutOne} = known
    const before = {
      schemaVersion: 1,
      id: 'test',
      detectors: {...versions, prediction_skew: versions['prediction_skew']! - 1, elsewhere: 3},
      models: [
        {...model, statistics: {...withoutOne, elsewhere: 5}},
        {...model, sha256: '0'.repeat(64)},
      ],
    }
    writeFileSync(out, JSON.stringify(before))

    const {models, detectors} = await run(out)

    const [own, other] = models
    expect(own!.statistics).toEqual({
      ...known,
      elsewhere: 5,
      last_layer: expect.closeTo(own!.statistics['last_layer']!),
      prediction_skew: expect.closeTo(own!.statistics['prediction_skew']!),
    })
    expect(own!.statistics['last_layer']).toBeGreaterThan(0)
    expect(own!.statistics['prediction_skew']).toBeGreaterThan(0)
    // Of another version, and its model is not there to be looked at again.
    expect(other!.statistics['prediction_skew']).toBeUndefined()
    expect(other!.statistics['last_layer']).toBe(-77)
    expect(detectors).toEqual({...versions, elsewhere: 3})
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({schemaVersion: 1, id: 'test', detectors, models})
  })

  test('looks where it writes before it computes', async () => {
    giveTeacher()
    mkdirSync(join(folder, 'out'))
    await expect(run(join(folder, 'out'))).rejects.toMatchObject({
      code: 'E_CALIBRATION',
      message: expect.stringContaining('it is a folder') as string,
    })
    writeFileSync(join(folder, 'file'), '')
    await expect(run(join(folder, 'file/c.json'))).rejects.toMatchObject({code: 'E_OUT_UNWRITABLE'})
  })
})

describe('abd detect calibrate --profile', () => {
  test('runs the detectors of that profile but those that need images of the task, and the help names them', async () => {
    const context = await contextOf()
    // What a profile has beside the one before stands behind its own name.
    const [, quick, standard, deep] = Calibrate.description.split(/\bquick runs|\bstandard these|\bdeep \(/)
    const texts = {quick: quick!, standard: quick! + standard!, deep: quick! + standard! + deep!}
    for (const profile of ['quick', 'standard', 'deep'] as const) {
      const calibrated = calibratedDetectors(profile, {registry, context}).map(({name}) => name)
      expect(namesOf(profile)).toEqual(expect.arrayContaining(calibrated))
      for (const name of namesOf(profile))
        expect(texts[profile].includes(name)).toBe(calibrated.includes(name))
      const task = namesOf(profile).filter((name) => !calibrated.includes(name))
      expect(task).toEqual(
        profile === 'deep'
          ? ['near_ood_shift', 'neural_cleanse', 'strip_entropy', 'activation_clustering']
          : [],
      )
    }
  })

  test('runs the named ones alone, and refuses a name that is none of its', async () => {
    const context = await contextOf()
    const named = (...only: string[]) => calibratedDetectors('quick', {only, registry, context})
    expect(named('wave_probes', 'last_layer').map(({name}) => name)).toEqual(['wave_probes', 'last_layer'])
    expect(() => named('wave_probe')).toThrow(
      expect.objectContaining({
        code: 'E_DETECTOR',
        message: "A calibration of the profile quick has no detector 'wave_probe'.",
        hints: ["Did you mean 'wave_probes'?", expect.stringMatching(/^It has: known_triggers, /)],
      }),
    )
    giveTeacher()
    const {models, detectors} = await run(undefined, {only: ['last_layer']})
    expect(models.map(({statistics}) => Object.keys(statistics))).toEqual([['last_layer']])
    expect(Object.keys(detectors)).toEqual(['last_layer'])
  })

  test('adds to what another profile computed, and another profile loses none of it', async () => {
    giveTeacher()
    const inspected: string[] = []
    const registry = quickWitted(inspected)
    const out = join(folder, 'c.json')
    await run(out, {profile: 'quick', registry})
    expect(inspected).toEqual(namesOf('quick'))

    const deep = await run(out, {profile: 'deep', registry})
    expect(inspected).toEqual(namesOf('deep').slice(0, -4))
    // Each is the place at which it was asked: none was asked twice.
    expect(Object.values(deep.models[0]!.statistics)).toEqual(inspected.map((_, i) => i + 1))

    await expect(run(out, {profile: 'quick', registry})).resolves.toEqual(deep)
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(deep)
  })

  test('lends detectors the students of an audit, and leaves none behind', async () => {
    giveTeacher()
    const seen: (string | undefined)[] = []
    const registry = quickWitted([], async (name, {students}) => {
      if (name !== 'student_transfer') return
      const [first, second, ...more] = (await students?.(2)) ?? []
      seen.push(first?.network.architecture.name, second?.network.architecture.name)
      expect([first === second, more.length]).toEqual([false, 0])
    })
    const context = await contextOf()
    const before = context.engine.memory().tensors
    await run(undefined, {profile: 'deep', registry, context})
    expect(seen).toEqual(['wrn-16-1', 'wrn-16-1'])
    expect(context.engine.memory().tensors).toBe(before)
  })

  test('keeps every statistic that was there when it is interrupted', async () => {
    giveTeacher()
    const abort = new AbortController()
    const registry = quickWitted([], (name) => {
      if (name === 'patch_probes') abort.abort(new Error('interrupted'))
    })
    const out = join(folder, 'c.json')
    const context = {...(await contextOf()), signal: abort.signal}
    await expect(run(out, {registry, context})).rejects.toThrow('interrupted')
    const {models} = JSON.parse(readFileSync(out, 'utf8')) as Calibration
    expect(models).toEqual([
      expect.objectContaining({sha256, statistics: {known_triggers: 1, patch_probes: 2}}),
    ])
  })

  test('does not distil students on an engine that is too slow for it', async () => {
    giveTeacher()
    const context = {...(await contextOf()), engine: await openEngine('cpu')}
    await expect(run(undefined, {profile: 'deep', context})).rejects.toMatchObject({
      code: 'E_PROFILE_ENGINE',
    })
  })
})

describe('abd detect calibrate --merge', () => {
  const version1 = {last_layer: 1, adaptive_probes: 1}

  test('unites calibrations by the hashes of their models; what is there already stays', async () => {
    const out = written('out.json', {
      detectors: version1,
      models: [entry('a', {last_layer: 1}), entry('b', {last_layer: 2})],
    })
    const one = written('one.json', {
      detectors: version1,
      models: [entry('b', {last_layer: 99, adaptive_probes: 3}), entry('c', {last_layer: 4})],
    })
    const other = written('other.json', {
      detectors: {last_layer: 1, elsewhere: 7},
      models: [entry('c', {elsewhere: 5})],
    })

    const united = await run(out, {directory: undefined, merge: [one, other], registry: quickWitted()})

    expect(united).toEqual({
      schemaVersion: 1,
      id: 'test',
      detectors: {...version1, elsewhere: 7},
      models: [
        entry('a', {last_layer: 1}),
        entry('b', {last_layer: 2, adaptive_probes: 3}),
        entry('c', {last_layer: 4, elsewhere: 5}),
      ],
    })
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(united)
  })

  test('computes for the models of the folder only what no file has', async () => {
    giveTeacher()
    const inspected: string[] = []
    const {last_layer: _, ...others} = Object.fromEntries(namesOf('quick').map((name) => [name, -77]))
    const merge = written('one.json', {
      detectors: Object.fromEntries(namesOf('quick').map((name) => [name, 1])),
      models: [{...entry('a', others), sha256}],
    })
    const out = join(folder, 'out.json')
    const {models} = await run(out, {profile: 'quick', merge: [merge], registry: quickWitted(inspected)})
    expect(inspected).toEqual(['last_layer'])
    expect(models.map(({statistics}) => statistics)).toEqual([{...others, last_layer: 1}])
  })

  test('goes on under its name, or is renamed', async () => {
    const out = written('out.json', {id: 'mine', detectors: version1, models: []})
    const merge = [written('one.json', {detectors: version1, models: []})]
    const nothing = {directory: undefined, merge, registry: quickWitted()}
    expect((await run(out, {...nothing, id: undefined})).id).toBe('mine')
    expect((await run(out, {...nothing, id: 'other'})).id).toBe('other')
  })

  test('holds what was merged when it is interrupted before the first model', async () => {
    giveTeacher()
    const merge = written('one.json', {detectors: version1, models: [entry('a', {last_layer: 1})]})
    const out = join(folder, 'out.json')
    const context = {...(await contextOf()), signal: AbortSignal.abort(new Error('interrupted'))}
    await expect(run(out, {merge: [merge], registry: quickWitted(), context})).rejects.toThrow('interrupted')
    expect((JSON.parse(readFileSync(out, 'utf8')) as Calibration).models).toEqual([
      entry('a', {last_layer: 1}),
    ])
  })

  test.each([
    ['this abd', {}, {last_layer: 2}, 'one.json has version 2 of last_layer, this abd has version 1'],
    ['the output file', {elsewhere: 3}, {elsewhere: 4}, 'out.json has version 3'],
  ])('refuses a version of a detector that is not that of %s', async (_, before, detectors, said) => {
    const out = written('out.json', {detectors: before, models: [entry('a', {})]})
    const untouched = readFileSync(out, 'utf8')
    const merge = written('one.json', {detectors, models: []})
    await expect(
      run(out, {directory: undefined, merge: [merge], registry: quickWitted()}),
    ).rejects.toMatchObject({
      code: 'E_CALIBRATION_VERSION',
      exit: 2,
      message: expect.stringContaining(said) as string,
    })
    expect(readFileSync(out, 'utf8')).toBe(untouched)
  })

  test('refuses a file that is no calibration, naming it, and writes nothing', async () => {
    const merge = written('one.json', {detectors: {last_layer: 1}, models: []})
    writeFileSync(join(folder, 'report.json'), '{"verdict": "pass"}')
    const out = join(folder, 'out.json')
    for (const wrong of ['report.json', 'missing.json'])
      await expect(
        run(out, {directory: undefined, merge: [merge, join(folder, wrong)], registry: quickWitted()}),
      ).rejects.toMatchObject({
        code: 'E_CALIBRATION',
        message: expect.stringContaining(wrong) as string,
      })
    expect(existsSync(out)).toBe(false)
  })
})
