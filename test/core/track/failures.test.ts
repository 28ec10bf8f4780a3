import type * as fileSystem from 'node:fs'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {RequestListener, Server} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {silent} from '../../../src/context.ts'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {within} from '../../../src/track/journal/folder.ts'
import {startTracking} from '../../../src/track/start-tracking.ts'
import {syncJournals} from '../../../src/track/sync.ts'
import {startFakeMlflow} from '../../fixtures/track/fake-mlflow.ts'
import {noSleep, settingsFor} from '../../fixtures/track/settings-for.ts'

/** A disk with so much room for what is written line by line. */
const disk = vi.hoisted(() => ({room: Number.POSITIVE_INFINITY}))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof fileSystem>()
  const writeSync = (file: number, bytes: Buffer): number => {
    if (disk.room === 0)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC'})
    const taken = fs.writeSync(file, bytes, 0, Math.min(bytes.length, disk.room))
    disk.room -= taken
    return taken
  }
  return {...fs, writeSync}
})

const NOW = 1_700_000_000_000
let folder = ''
let fake: Awaited<ReturnType<typeof startFakeMlflow>>
const servers: Server[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-failures-'))
  fake = await startFakeMlflow()
})
afterEach(async () => {
  disk.room = Number.POSITIVE_INFINITY
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  await fake.stop()
  await rm(folder, {recursive: true, force: true})
})

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as {port: number}).port}`
}

async function begin(uri: string, environment: Record<string, string> = {}) {
  const notes: string[] = []
  const tracking = await startTracking(
    {
      root: folder,
      settings: settingsFor(uri, environment),
      destination: {experimentName: 'abd'},
      name: 'a job',
      source: 'abd audit',
      environment: {MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: 'false'},
    },
    {now: () => NOW, note: (line) => notes.push(line)},
  )
  return {...tracking, notes}
}

const sync = () =>
  syncJournals({root: folder, prune: false}, settingsFor(fake.uri), {
    progress: silent,
    signal: new AbortController().signal,
    now: () => NOW,
    sleep: noSleep,
  })

const lossOf = async (runId: string) => {
  await using client = await openMlflow(settingsFor(fake.uri))
  return (await client.metricHistory(runId, 'loss')).map(({value}) => value)
}

const deleteExperiment = async () => {
  await using client = await openMlflow(settingsFor(fake.uri))
  const id = await client.ensureExperiment('abd')
  const body = JSON.stringify({experiment_id: id})
  await fetch(`${fake.uri}/api/2.0/mlflow/experiments/delete`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body,
  })
}

describe('one line says what is wrong and what to do, the job goes on, and all of it can be sent later', () => {
  const page = '<html><title>Another application</title></html>'
  it.each<[string, number, string, RegExp]>([
    ['a wrong address, of a page', 200, page, /is not MLflow.*Check the address.*abd track sync/s],
    [
      'a wrong address, of no page',
      404,
      page,
      /does not know GET experiments\/get-by-name.*Check the address.*abd track sync/s,
    ],
    ['a wrong token', 401, 'You are not authenticated', /401.*MLFLOW_TRACKING_TOKEN.*abd track sync/s],
    ['no permission', 403, 'Permission denied', /403.*permission.*abd track sync/s],
    ['a name it does not answer to', 403, 'Invalid Host header', /--allowed-hosts.*abd track sync/s],
    [
      'a full disk of its own',
      500,
      'No space left on device',
      /500.*No space left on device.*recorded all the same/s,
    ],
  ])('%s', async (_, status, body, words) => {
    const uri = await answering((_, response) => response.writeHead(status).end(body))
    const {recorder, end, notes} = await begin(uri, {MLFLOW_TRACKING_TOKEN: 'hidden-token-7'})
    recorder.metrics({loss: 1}, 1)
    await sleep(1200)
    recorder.metrics({loss: 2}, 2)
    expect(await end('FINISHED', {patience: 100})).toMatchObject({sent: false})
    expect(notes).toEqual([expect.stringMatching(words)])
    expect(notes.join(' ')).not.toContain('hidden-token-7')
    const [sent] = await sync()
    expect(sent).toMatchObject({problem: null, refused: 0})
    expect(await lossOf(sent!.runId!)).toEqual([1, 2])
  })

  it('an experiment that was deleted before', async () => {
    await deleteExperiment()
    const {recorder, end, notes} = await begin(fake.uri)
    recorder.metrics({loss: 1}, 1)
    const {sent, journal} = await end('FINISHED')
    expect([sent, notes]).toEqual([
      false,
      [expect.stringMatching(/'abd' was deleted.*Restore it.*abd track sync/s)],
    ])
    expect(await readFile(within(journal).operations, 'utf8')).toContain('"loss":1')
    expect(await sync()).toMatchObject([{problem: expect.stringMatching(/deleted/) as string, refused: 0}])
  })
})

describe('a disk that is full', () => {
  it('keeps what it does not take, and writes it when there is room: whole lines, in their order', async () => {
    const {recorder, end, notes} = await begin(fake.uri)
    recorder.metrics({loss: 1}, 1)
    disk.room = 25
    recorder.metrics({loss: 2}, 2)
    recorder.metrics({loss: 3}, 3)
    disk.room = Number.POSITIVE_INFINITY
    recorder.metrics({loss: 4}, 4)
    const {sent, runId} = await end('FINISHED')
    expect([sent, notes]).toEqual([true, []])
    expect(await lossOf(runId!)).toEqual([1, 2, 3, 4])
  })

  it('that stays full: the job goes on, what was written is there, and what is lost is said', async () => {
    const {recorder, end, notes} = await begin(fake.uri)
    recorder.metrics({loss: 1}, 1)
    disk.room = 25
    recorder.metrics({loss: 2}, 2)
    const {journal} = await end('FINISHED')
    expect(notes).toEqual([
      expect.stringMatching(/^2 lines of the run's record are lost: .* could not be written \(ENOSPC/),
    ])
    expect(await readFile(within(journal).operations, 'utf8')).toContain('"loss":1')
  })
})

describe('a server that takes everything and answers nothing', () => {
  it('is waited for by nobody: not by the job, and not for long at its end', async () => {
    let asked = 0
    const uri = await answering(() => void asked++)
    const {recorder, end, notes} = await begin(uri)
    recorder.metrics({loss: 0}, 0)
    for (let i = 0; i < 100 && asked === 0; i++) await sleep(100)
    expect(asked).toBe(1)
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    for (let step = 1; step <= 500; step++) {
      expect(recorder.metrics({loss: step}, step)).toBeUndefined()
      if (step % 100 === 0) await sleep(2)
    }
    clearInterval(ticking)
    expect([asked, turns > 0]).toEqual([1, true])
    const began = performance.now()
    const {sent} = await end('FINISHED', {patience: 300})
    expect(sent).toBe(false)
    expect(performance.now() - began).toBeLessThan(10_000)
    const [later] = await sync()
    expect(await lossOf(later!.runId!)).toHaveLength(501)
    expect(notes.length).toBeLessThanOrEqual(1)
  })
})
