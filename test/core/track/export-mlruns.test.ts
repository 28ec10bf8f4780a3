import {mkdtemp, readFile, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {exportMlruns} from '../../../src/track/export-mlruns.ts'
import {createJournal} from '../../../src/track/journal/write-journal.ts'
import {headerOf} from '../../fixtures/track/contract.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'abd-export-'))
})
afterAll(() => rm(root, {recursive: true, force: true}))

describe('exportMlruns', () => {
  it('lays runs out as files, with addresses that move with the folder', async () => {
    const writer = createJournal(join(root, 'track'), headerOf({tags: {'mlflow.user': 'me'}}))
    writer.append({op: 'params', values: {a: '1'}})
    writer.append({op: 'metrics', at: 5, step: 1, values: {loss: 0.5, 'loss/kl': 'NaN'}})
    writer.append({op: 'metrics', at: 6, step: 2, values: {loss: '-Infinity'}})
    writer.append({op: 'artifact', path: 'a/b.txt', ...writer.store(Buffer.from('hello'))})
    writer.append({op: 'end', at: 9, status: 'FAILED'})
    await writer.close()
    const out = join(root, 'mlruns')
    expect(await exportMlruns(join(root, 'track'), out)).toEqual({
      runs: 1,
      metrics: 3,
      artifacts: 1,
      folder: out,
    })
    const [experiment] = (await readdir(out)).filter((name) => /^\d{18}$/.test(name))
    const run = join(out, experiment!, writer.header.uid)
    expect(await readFile(join(run, 'metrics', 'loss_'), 'utf8')).toBe('5 0.5 1\n6 -inf 2\n')
    expect(await readFile(join(run, 'metrics', 'loss', 'kl'), 'utf8')).toBe('5 nan 1\n')
    expect(await readFile(join(run, 'params', 'a'), 'utf8')).toBe('1')
    expect(await readFile(join(run, 'artifacts', 'a', 'b.txt'), 'utf8')).toBe('hello')
    expect(parse(await readFile(join(run, 'meta.yaml'), 'utf8'))).toMatchObject({
      status: 4,
      end_time: 9,
      user_id: 'me',
      artifact_uri: `mlflow-artifacts:/${experiment}/${writer.header.uid}/artifacts`,
    })
    expect(await exportMlruns(join(root, 'track'), out)).toMatchObject({runs: 1})
  })

  it('writes into no folder of somebody else', async () => {
    const out = await mkdtemp(join(root, 'theirs-'))
    await writeFile(join(out, 'file'), '')
    await expect(exportMlruns(join(root, 'track'), out)).rejects.toMatchObject({code: 'E_OUT_IN_USE'})
  })
})
