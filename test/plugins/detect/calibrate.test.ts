import {createRegistry, silent} from '@abd/core'
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

const run = async (out = join(folder, 'calibration.json')) => {
  const context = {
    engine: await openEngine('cpu'),
    random: createRandom(1),
    progress: silent,
    signal: new AbortController().signal,
  }
  return calibrate(folder, {out, id: 'test', registry, context})
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
