import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {startTracking} from '../../../src/track/start-tracking.ts'
import {trackingContract} from '../../fixtures/track/contract.ts'
import {mlflowPython, startMlflow} from '../../fixtures/track/mlflow-server.ts'
import type {MlflowServer} from '../../fixtures/track/mlflow-server.ts'
import {settingsFor} from '../../fixtures/track/settings-for.ts'

const found = await mlflowPython('2.22.2')
if ('missing' in found) process.stderr.write(`SKIPPED, MLflow 2: ${found.missing}\n`)

describe.skipIf('missing' in found)('an old MLflow server', () => {
  let server: MlflowServer
  beforeAll(async () => {
    server = await startMlflow((found as {python: string}).python)
  })
  afterAll(() => server.stop())
  trackingContract('MLflow 2.22.2', () => server.uri, {hasLoggedModels: false})

  it('gets a whole run, and its own client reads it', async () => {
    const root = await mkdtemp(join(tmpdir(), 'abd-old-'))
    const notes: string[] = []
    const {recorder, end} = await startTracking(
      {
        root,
        settings: settingsFor(server.uri),
        destination: {experimentName: 'abd'},
        name: 'on an old server',
        source: 'abd audit',
        environment: {},
      },
      {now: () => Date.now(), note: (line) => notes.push(line)},
    )
    recorder.params({method: {name: 'ood'}})
    recorder.metrics({loss: 1}, 3)
    recorder.dataset({name: 'signs', digest: 'd1', source: 'signs', context: 'eval'})
    recorder.table('findings.json', ['a'], [[1]])
    recorder.image('sample', new Uint8Array([1]), 4)
    expect(await end('FINISHED')).toMatchObject({sent: true, refused: 0})
    expect(notes).toEqual([])
    const out: unknown = JSON.parse(
      server.python(`
import json, mlflow
mlflow.set_experiment('abd')
r = mlflow.search_runs(experiment_names=['abd'], output_format='list')[0]
print(json.dumps([r.info.status, r.data.params, r.data.metrics, [d.dataset.name for d in r.inputs.dataset_inputs],
  mlflow.load_table('findings.json', run_ids=[r.info.run_id])['a'].tolist()]))`),
    )
    expect(out).toEqual(['FINISHED', {'method.name': 'ood'}, {loss: 1}, ['signs'], [1]])
    await rm(root, {recursive: true})
  })

  it('says which call it does not know, and what to do', async () => {
    await using client = await openMlflow(settingsFor(server.uri))
    await expect(client.listWebhooks()).rejects.toMatchObject({
      code: 'E_TRACKING_UNKNOWN_CALL',
      message: expect.stringMatching(/does not know GET webhooks/) as string,
      hints: expect.arrayContaining([expect.stringMatching(/older server lacks some calls/)]) as string[],
    })
  })
})
