import {createRegistry} from '@abd/core'
import {writePng} from '@abd/core/data'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {attackPlugin} from '../../../plugins/attack/src/index.ts'
import {parseAttacks, partSettings} from '../../../plugins/attack/src/parse-attacks.ts'
import {contextOf} from './context-of.ts'

const deps = {registry: createRegistry([attackPlugin]), context: contextOf()}
const shape = {height: 32, width: 32, channels: 3}
const parse = (
  triggers: readonly string[],
  targets: readonly number[] = [0],
  settings: readonly string[] = [],
) => parseAttacks({triggers, targets, settings}, deps)

describe('parseAttacks', () => {
  it('leads a trigger to its own target, or to each of the common ones', () => {
    const attacks = parse(['badnet_grid', 'sig:7'], [0, 3])

    expect(attacks.map(({name, target}) => [name, target])).toEqual([
      ['badnet_grid', 0],
      ['badnet_grid', 3],
      ['sig', 7],
    ])
  })

  it('gives each trigger its own options', async () => {
    const [sig, blend] = parse(['sig', 'BLEND'], [0], ['sig.form=additive', 'blend.weight=0.5'])

    expect((await sig!.make(shape)).keep[0]).toBe(1)
    expect((await blend!.make(shape)).keep[0]).toBe(0.5)
  })

  it('takes a picture for a trigger', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'abd-attacks-'))
    try {
      const sticker = join(folder, 'sticker.png')
      await writePng(sticker, {count: 1, ...shape, data: new Uint8Array(3072).fill(9)})
      const [attack] = parse([`${sticker}:4`])

      expect(attack).toMatchObject({name: sticker, target: 4})
      expect((await attack!.make(shape)).add[0]).toBe(9)
      await expect(attack!.make({height: 28, width: 28, channels: 3})).rejects.toMatchObject({
        code: 'E_TRIGGER_SHAPE',
      })
    } finally {
      await rm(folder, {recursive: true})
    }
  })

  it.each([
    [['badnet_gird'], [], 'E_TRIGGER_UNKNOWN', "no trigger named 'badnet_gird'"],
    [['badnet_grid:a'], [], 'E_TRIGGER', 'badnet_grid:a: the target class is missing, or is no whole number'],
    [['badnet_grid:-1'], [], 'E_TARGET', '--trigger badnet_grid:-1: -1 is no class'],
    [['sig', 'sig:0'], [], 'E_ATTACKS', 'sig:0 is named twice'],
    [['none', 'sig'], [], 'E_ATTACKS', '--trigger none stands for no backdoor, and sig for one'],
    [['none'], [], 'E_ATTACKS', '--trigger none names no trigger'],
    [['sig'], ['blend.weight=1'], 'E_SETTING', 'is for the trigger blend, which is not among those named'],
    [['sig'], ['sgi.form=additive'], 'E_TRIGGER_UNKNOWN', "no trigger named 'sgi'"],
    [['sig'], ['form=additive'], 'E_SETTING', 'sets no option of a trigger'],
    [['sig'], ['sig.form=wild'], 'E_OPTIONS', 'form: Invalid option'],
    [['sig'], ['sig.from=wrapped'], 'E_OPTIONS', "did you mean 'form'?"],
    [['cl'], ['cl.adversarial=nowhere.npy'], 'E_FILE_MISSING', 'no file nowhere.npy of adversarial images'],
  ])('refuses %j with %j', (triggers, settings, code, message) => {
    expect(() => parse(triggers, [0], settings)).toThrow(
      expect.objectContaining({code, message: expect.stringContaining(message) as string}),
    )
  })
})

it('partSettings tells options of triggers from those of the training', () => {
  expect(partSettings(['epochs=3', 'sig.form=additive', 'learningRate=0.1', 'blend.image=a=b.png'])).toEqual({
    ofTriggers: ['sig.form=additive', 'blend.image=a=b.png'],
    others: ['epochs=3', 'learningRate=0.1'],
  })
})
