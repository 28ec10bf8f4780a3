import {createHash} from 'node:crypto'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {writeCard} from '@abd/core/audit'
import {createRandom, openEngine} from '@abd/core/engine'
import {tinyModel} from '@abd/core/testing'
import {listJournals} from '@abd/core/track'
import {saveModel} from '@abd/core/train'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {startFakeMlflow} from '../fixtures/track/fake-mlflow.ts'
import {abd} from './abd.ts'

const COMMAND =
  'distill run teacher.safetensors --student wrn-10-1 --engine wasm --epochs 1 --set patches=16 --set batch=8 --seed 7 --out student.safetensors'

describe('a distillation that is recorded', () => {
  let folder = ''
  let fake: Awaited<ReturnType<typeof startFakeMlflow>>
  beforeAll(async () => {
    fake = await startFakeMlflow()
    folder = await mkdtemp(join(tmpdir(), 'abd-recorded-'))
    await openEngine('cpu')
    using teacher = tinyModel(createRandom('teacher'))
    const path = join(folder, 'teacher.safetensors')
    await writeCard(path, await saveModel(path, teacher))
  })
  afterAll(async () => {
    await fake.stop()
    await rm(folder, {recursive: true})
  })

  it('gives the same student as one that is not, server or none', async () => {
    const distilled = async (...words: readonly string[]) => {
      const {code, stderr} = await abd([...COMMAND.split(' '), ...words], {
        cwd: folder,
        env: {ABD_TRACK_DIR: join(folder, 'track'), MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: '0.05'},
      })
      expect([code, stderr]).toEqual([0, expect.any(String)])
      const student = join(folder, 'student.safetensors')
      const sha256 = createHash('sha256')
        .update(await readFile(student))
        .digest('hex')
      for (const name of ['student.safetensors', 'student.abd.yml']) await rm(join(folder, name))
      return sha256
    }
    const plain = await distilled('--no-track')
    expect(await listJournals(join(folder, 'track'))).toEqual([])
    const recorded = await distilled('--track')
    const sent = await distilled('--mlflow', fake.uri)
    const away = await distilled('--mlflow', 'http://127.0.0.1:1')
    expect([recorded, sent, away]).toEqual([plain, plain, plain])
    expect(await listJournals(join(folder, 'track'))).toHaveLength(3)
    expect(fake.calls).toContain('POST runs/create')
  })
})
