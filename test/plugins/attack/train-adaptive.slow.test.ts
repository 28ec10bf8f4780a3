import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {trainFor} from './train-for.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-adaptive-'))
})
afterAll(() => rm(folder, {recursive: true}))

/** Accuracy and ASR of the last epoch, in percent. */
async function trained(name: string, change: Parameters<typeof trainFor>[1]) {
  const {epochs} = await trainFor(join(folder, `${name}.safetensors`), {perClass: 100, ...change})
  const {accuracyPercent, asrPercent} = epochs.at(-1)!
  return {accuracy: accuracyPercent, asr: asrPercent!}
}

describe('adaptive teachers of three signs', {timeout: 600_000}, () => {
  // Not reached at this size: 4 % here; 82 % with ten signs (docs/detection.md).
  it.fails('a source-specific trigger leads its source astray', async () => {
    const {accuracy, asr} = await trained('sources', {
      triggers: ['badnet_sq'],
      rules: {sources: [0], cover: 0.1},
    })

    expect(accuracy).toBeGreaterThan(60)
    expect(asr).toBeGreaterThan(50)
  })

  // Not reached: 1.5 % here, and no teacher yet that keeps its backdoor under the penalty.
  it.fails('flat margins leave the backdoor in', async () => {
    const {accuracy, asr} = await trained('flat', {triggers: ['badnet_sq'], adaptive: 'flat-margin'})

    expect(accuracy).toBeGreaterThan(60)
    expect(asr).toBeGreaterThan(50)
  })

  it('backweak-lite goes on from a benign teacher', async () => {
    const {accuracy} = await trained('backweak', {triggers: ['faint'], adaptive: 'backweak-lite'})

    expect(accuracy).toBeGreaterThan(60)
  })
})
