import {createRegistry, silent} from '@abd/core'
import {planOf} from '@abd/core/audit'
import {createRandom, openEngine} from '@abd/core/engine'
import {copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, test} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {calibrate} from '../../../plugins/detect/src/calibrate.ts'
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

const run = async (out = join(folder, 'calibration.json')) =>
  calibrate(folder, {out, id: 'test', registry, context: await contextOf()})

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
    copyFileSync(example('teacher-clean.safetensors'), join(folder, 'a.safetensors'))
    copyFileSync(example('teacher-clean.abd.yml'), join(folder, 'a.abd.yml'))
    const sha256 = /[0-9a-f]{64}/.exec(readFileSync(example('teacher-clean.abd.yml'), 'utf8'))![0]
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
    copyFileSync(example('teacher-clean.safetensors'), join(folder, 'a.safetensors'))
    copyFileSync(example('teacher-clean.abd.yml'), join(folder, 'a.abd.yml'))
    mkdirSync(join(folder, 'out'))
    await expect(run(join(folder, 'out'))).rejects.toMatchObject({
      code: 'E_CALIBRATION',
      message: expect.stringContaining('it is a folder') as string,
    })
    writeFileSync(join(folder, 'file'), '')
    await expect(run(join(folder, 'file/c.json'))).rejects.toMatchObject({code: 'E_OUT_UNWRITABLE'})
  })
})
