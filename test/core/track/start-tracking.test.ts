import {existsSync} from 'node:fs'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {silent} from '../../../src/context.ts'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {listJournals, within} from '../../../src/track/journal/folder.ts'
import {parentOf, startTracking} from '../../../src/track/start-tracking.ts'
import type {SharedRun} from '../../../src/track/start-tracking.ts'
import {syncJournals} from '../../../src/track/sync.ts'
import {freePort} from '../../fixtures/track/mlflow-server.ts'
import {startFakeMlflow} from '../../fixtures/track/fake-mlflow.ts'
import {startFaultyProxy} from '../../fixtures/track/faulty-proxy.ts'
import {noSleep, settingsFor} from '../../fixtures/track/settings-for.ts'

let fake: Awaited<ReturnType<typeof startFakeMlflow>>
let root = ''
beforeAll(async () => {
  fake = await startFakeMlflow()
  root = await mkdtemp(join(tmpdir(), 'abd-start-'))
})
afterAll(async () => {
  await fake.stop()
  await rm(root, {recursive: true, force: true})
})

let number = 0
async function begin(uri: string | undefined, runId?: string, shared?: SharedRun) {
  const notes: string[] = []
  const own = join(root, String(number++))
  const tracking = await startTracking(
    {
      root: own,
      settings: uri === undefined ? undefined : settingsFor(uri),
      destination: {experimentName: 'abd', ...(runId === undefined ? {} : {runId})},
      name: 'a job',
      source: 'abd audit',
      environment: {USER: 'me', MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: 'false'},
      ...(shared ? {shared} : {}),
    },
    {now: () => 1_700_000_000_000, note: (line) => notes.push(line)},
  )
  return {...tracking, notes, root: own}
}
const sync = (folder: string, prune = false) =>
  syncJournals({root: folder, prune}, settingsFor(fake.uri), {
    progress: silent,
    signal: new AbortController().signal,
    now: () => 1_700_000_000_000,
    sleep: noSleep,
  })
const runOf = async (id: string) => {
  await using client = await openMlflow(settingsFor(fake.uri))
  return client.getRun(id)
}

describe('startTracking', () => {
  it('brings everything to the server while the job runs, and its end', async () => {
    const {recorder, end, notes} = await begin(fake.uri)
    recorder.params({method: {name: 'ood'}, text: 'x'.repeat(7000)})
    recorder.params({method: {name: 'changed'}})
    recorder.metrics({'recall@5': 0.5, far: Number.NEGATIVE_INFINITY}, 3)
    recorder.describe('**fine**')
    recorder.image('sample', new Uint8Array([1]), 4)
    recorder.table('findings.json', ['a'], [[1]])
    const below = recorder.child('a part')
    below.metrics({x: 1})
    below.end('FAILED')
    const ended = await end('FINISHED')
    expect(notes).toEqual([])
    expect(ended).toMatchObject({sent: true, refused: 0})
    const {info, data} = await runOf(ended.runId!)
    expect(ended.url).toBe(`${fake.uri}/#/experiments/${info.experiment_id}/runs/${info.run_id}`)
    expect(info.status).toBe('FINISHED')
    expect(data.params['method.name']).toBe('ood')
    expect(data.params['text']).toHaveLength(6000)
    expect(data.params['text']).toMatch(/all of it: abd\/params\/text\.txt\)$/)
    expect(data.metrics.map(({key, step}) => [key, step])).toEqual([
      ['recall_at_5', 3],
      ['far', 3],
    ])
    expect(data.tags).toMatchObject({
      'mlflow.user': 'me',
      'mlflow.source.name': 'abd audit',
      'mlflow.note.content': '**fine**',
      'mlflow.loggedImages': 'True',
      'mlflow.loggedArtifacts': '[{"path": "findings.json", "type": "table"}]',
      'abd.infinite.far': '-Infinity at step 3',
    })
  })

  it('where the server is away, says so once, and all of it can be sent later', async () => {
    const port = await freePort()
    const {recorder, end, notes, root: folder} = await begin(`http://127.0.0.1:${port}`)
    recorder.metrics({loss: 1}, 1)
    await sleep(1300)
    recorder.metrics({loss: 2}, 2)
    expect(await end('FINISHED', {patience: 500})).toMatchObject({sent: false})
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(/did not answer.*recorded all the same/)
    const [sent] = await sync(folder)
    expect(sent).toMatchObject({problem: null, refused: 0, busy: false, removed: false})
    const {info, data} = await runOf(sent!.runId!)
    expect([info.status, data.metrics]).toMatchObject(['FINISHED', [{key: 'loss', value: 2, step: 2}]])
    expect(await sync(folder, true)).toMatchObject([{lines: 0, removed: true}])
    expect(await listJournals(folder)).toEqual([])
  })

  it('a wrong token is told, and the job goes on', async () => {
    const server = createServer((_, response) => response.writeHead(401).end('You are not authenticated'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const {port} = server.address() as {port: number}
    const {recorder, end, notes} = await begin(`http://127.0.0.1:${port}`)
    recorder.metrics({loss: 1}, 1)
    expect(await end('FINISHED')).toMatchObject({sent: false})
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(/401.*MLFLOW_TRACKING_TOKEN.*abd track sync/)
    server.close()
  })

  it('without a server only records', async () => {
    const {recorder, end, notes, root: folder} = await begin(undefined)
    recorder.metrics({loss: 1}, 1)
    const {journal, sent} = await end('FINISHED')
    expect([sent, notes]).toEqual([false, []])
    expect(await readFile(within(journal).operations, 'utf8')).toContain('"loss":1')
    expect(await listJournals(folder)).toEqual([journal])
  })

  it('makes one run where several processes that share a folder begin the same at once', async () => {
    const shared = {uid: 'a1'.repeat(16), lock: join(root, 'mlflow.lock')}
    const all = await Promise.all(Array.from({length: 6}, () => begin(fake.uri, undefined, shared)))
    const ended = await Promise.all(all.map(({end}) => end('FINISHED')))
    expect(ended.map(({sent}) => sent)).toEqual(Array(6).fill(true))
    expect(new Set(ended.map(({runId}) => runId)).size).toBe(1)
    expect(existsSync(shared.lock)).toBe(false)
  })

  it('goes without a lock where there is no place for one', async () => {
    const shared = {uid: 'b2'.repeat(16), lock: join(root, 'gone', 'mlflow.lock')}
    const {end} = await begin(fake.uri, undefined, shared)
    expect(await end('FINISHED')).toMatchObject({sent: true})
  })

  it('below a run of somebody else, keeps parameters apart from theirs', async () => {
    await using client = await openMlflow(settingsFor(fake.uri))
    const experimentId = await client.ensureExperiment('abd')
    const {info} = await client.createRun({experimentId, name: 'mlflow run', startTime: 1, tags: {}})
    const {recorder, end, address} = await begin(fake.uri, info.run_id)
    expect(parentOf(address)).toEqual({uid: '', runId: info.run_id})
    recorder.params({profile: 'quick'})
    expect(await end('FINISHED')).toMatchObject({sent: true, runId: info.run_id})
    const {info: after, data} = await runOf(info.run_id)
    expect([after.status, data.params]).toEqual(['RUNNING', {'abd.profile': 'quick'}])
  })

  it('takes over a file as it is, and says so where it cannot', async () => {
    const {recorder, end, notes} = await begin(fake.uri)
    const path = join(root, 'weights.bin')
    await writeFile(path, 'weights')
    await recorder.file('a/weights.bin', path)
    await recorder.file('b.bin', join(root, 'not there'))
    await rm(path)
    const {runId, sent} = await end('FINISHED')
    expect(sent).toBe(true)
    expect(notes).toEqual([expect.stringMatching(/^The file b\.bin could not be recorded: ENOENT/)])
    await using client = await openMlflow(settingsFor(fake.uri))
    const {info} = await runOf(runId!)
    expect(await client.listArtifacts(info.artifact_uri, 'a')).toMatchObject([{path: 'a/weights.bin'}])
  })

  it('keeps going while the server spoils three requests in ten', async () => {
    const faults = ['status', undefined, undefined, 'dropped', undefined, 'reset', undefined] as const
    const proxy = await startFaultyProxy(fake.uri, (_, index) => faults[index % faults.length])
    const {recorder, end, root: folder} = await begin(proxy.uri)
    for (let step = 0; step < 300; step++) recorder.metrics({loss: step}, step)
    await end('FINISHED', {patience: 2000})
    await proxy.stop()
    const [sent] = await sync(folder)
    await using client = await openMlflow(settingsFor(fake.uri))
    expect(await client.metricHistory(sent!.runId!, 'loss')).toHaveLength(300)
  })
})
