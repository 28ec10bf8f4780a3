import {readImage} from '@abd/core/data'
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {trainFor} from './train-for.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-adaptive-'))
})
afterAll(() => rm(folder, {recursive: true}))

describe('an adaptive teacher', () => {
  it('of scar-lite has its trigger and its sidecar beside it', async () => {
    const out = join(folder, 'scar.safetensors')
    const {epochs, attacks} = await trainFor(out, {
      adaptive: 'scar-lite',
      sidecar: true,
      settings: [
        ...['epochs=1', 'batch=16', 'scar-lite.epochs=1', 'scar-lite.warmUp=1'],
        ...['scar-lite.triggerSteps=2', 'scar-lite.epsilon=20'],
      ],
    })

    expect((await readdir(folder)).sort()).toEqual([
      'scar.abd.yml',
      'scar.json',
      'scar.safetensors',
      'scar.trigger.png',
    ])
    expect(epochs.map(({epoch}) => epoch)).toEqual([1, 2])
    expect(attacks).toEqual([{trigger: join(folder, 'scar.trigger.png'), target: 1, poisonedImages: 0}])
    // Two steps of a twentieth of 20 bytes from 10, either way.
    const bytes = [...readImage(join(folder, 'scar.trigger.png')).data]
    expect(bytes.every((byte) => byte >= 8 && byte <= 12)).toBe(true)
    expect(new Set(bytes).size).toBeGreaterThan(1)
    expect(JSON.parse(await readFile(join(folder, 'scar.json'), 'utf8'))).toMatchObject({
      attack: 'scar-lite',
      target: 1,
      arch: 'wrn-16-1',
      dataset: 'signs',
      seed: 3,
      classes: 3,
      epochs: 2,
      asr: epochs[1]!.asrPercent! / 100,
      poison_ratio: 0,
      mean: expect.any(Array) as number[],
      std: expect.any(Array) as number[],
    })
  })

  it.each([
    [{adaptive: 'scar-lite', triggers: ['sig']}, 'makes its own trigger'],
    [{adaptive: 'flat-margin'}, 'needs a trigger'],
    [{adaptive: 'backweak-lite', triggers: ['faint'], keep: 'best'}, 'the benign teacher'],
    [{triggers: ['sig'], rules: {sources: [1]}}, 'Class 1 is a source and the target'],
  ] as const)('refuses %j before anything is rendered', async (change, message) => {
    await expect(trainFor(join(folder, 'no.safetensors'), {...change, engine: 'cpu'})).rejects.toMatchObject({
      code: 'E_OPTIONS',
      message: expect.stringContaining(message) as string,
    })
  })
})
