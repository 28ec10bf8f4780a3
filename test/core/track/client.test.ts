import {createServer} from 'node:http'
import type {RequestListener} from 'node:http'
import {afterEach, describe, expect, it} from 'vitest'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {startFakeMlflow} from '../../fixtures/track/fake-mlflow.ts'
import {startFaultyProxy} from '../../fixtures/track/faulty-proxy.ts'
import {noSleep, settingsFor} from '../../fixtures/track/settings-for.ts'

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())))
  return `http://127.0.0.1:${(server.address() as {port: number}).port}`
}

async function clientOf(uri: string, environment: Readonly<Record<string, string>> = {}) {
  const client = await openMlflow(settingsFor(uri, environment), {sleep: noSleep})
  ends.push(async () => {
    await client[Symbol.asyncDispose]()
  })
  return client
}

describe('what a server answers', () => {
  it.each([
    [401, 'You are not authenticated', 'E_TRACKING_AUTH', /MLFLOW_TRACKING_TOKEN/],
    [403, 'Permission denied', 'E_TRACKING_FORBIDDEN', /permission/],
    [
      403,
      'Invalid Host header - possible DNS rebinding attack detected',
      'E_TRACKING_FORBIDDEN',
      /--allowed-hosts/,
    ],
    [404, '<html><h1>Not Found</h1></html>', 'E_TRACKING_UNKNOWN_CALL', /address/],
    [400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}', 'E_TRACKING_REFUSED', /^$/],
    [503, 'busy', 'E_TRACKING_AWAY', /later/],
    [200, '<html>a proxy’s page</html>', 'E_TRACKING_ANSWER', /address/],
  ])('%i %s', async (status, body, code, hint) => {
    const uri = await answering((_, response) => response.writeHead(status).end(body))
    const client = await clientOf(uri)
    const error = await client.getRun('x').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({code, exit: 4})
    expect((error as {hints: string[]}).hints.join(' ')).toMatch(hint)
  })

  it('says where nobody listens', async () => {
    const client = await clientOf('http://127.0.0.1:1')
    await expect(client.getRun('x')).rejects.toMatchObject({code: 'E_TRACKING_AWAY', kind: 'away'})
  })

  it('never repeats a secret', async () => {
    const uri = await answering(({headers}, response) =>
      response
        .writeHead(400)
        .end(JSON.stringify({error_code: 'X', message: `You sent ${headers.authorization}, hunter2`})),
    )
    const client = await clientOf(uri.replace('//', '//me:hunter2@'))
    const error = await client.getRun('x').catch((thrown: unknown) => thrown as Error)
    expect(String((error as Error).message)).toContain('***')
    expect(JSON.stringify([error, (error as Error).message])).not.toMatch(/hunter2|bWU6aHVudGVyMg/)
  })

  it('asks with a token', async () => {
    let seen: string | undefined
    const uri = await answering(({headers}, response) => {
      seen = headers.authorization
      response.end(JSON.stringify({runs: []}))
    })
    await (await clientOf(uri, {MLFLOW_TRACKING_TOKEN: 'abc'})).searchRuns(['0'], '')
    expect(seen).toBe('Bearer abc')
  })
})

describe('repeating', () => {
  it('repeats what does no harm: through three faults in ten, everything is there', async () => {
    const fake = await startFakeMlflow()
    ends.push(fake.stop)
    const faults = ['status', 'reset', 'dropped', undefined] as const
    const proxy = await startFaultyProxy(fake.uri, (_, index) => faults[index % 4])
    ends.push(proxy.stop)
    const client = await clientOf(proxy.uri)
    const experimentId = await client.ensureExperiment('x')
    const direct = await clientOf(fake.uri)
    const {info} = await direct.createRun({experimentId, name: 'x', startTime: 1, tags: {}})
    for (let step = 0; step < 10; step++)
      await client.logBatch(info.run_id, {metrics: [{key: 'loss', value: step, timestamp: 1, step}]})
    expect(await direct.metricHistory(info.run_id, 'loss')).toHaveLength(10)
    expect(proxy.faults()).toBeGreaterThan(10)
  })

  it('does not repeat the making of a run whose answer was lost', async () => {
    const fake = await startFakeMlflow()
    ends.push(fake.stop)
    const proxy = await startFaultyProxy(fake.uri, ({url}) =>
      url?.endsWith('runs/create') ? 'dropped' : undefined,
    )
    ends.push(proxy.stop)
    const client = await clientOf(proxy.uri)
    await expect(
      client.createRun({experimentId: '0', name: 'x', startTime: 1, tags: {}}),
    ).rejects.toMatchObject({
      kind: 'away',
    })
    expect(fake.calls.filter((call) => call === 'POST runs/create')).toHaveLength(1)
  })

  it('waits as long as the server asks for', async () => {
    let asked = 0
    const uri = await answering((_, response) =>
      asked++ === 0
        ? response.writeHead(429, {'retry-after': '7'}).end()
        : response.end(JSON.stringify({runs: []})),
    )
    const pauses: number[] = []
    const client = await openMlflow(settingsFor(uri), {sleep: async (ms) => void pauses.push(ms)})
    ends.push(async () => {
      await client[Symbol.asyncDispose]()
    })
    await client.searchRuns(['0'], '')
    expect(pauses).toEqual([7000])
  })
})

describe('names that a server gives', () => {
  it('lead nowhere', async () => {
    const uri = await answering((_, response) =>
      response.end(JSON.stringify({files: [{path: '../../etc/cron.d/x', is_dir: false}]})),
    )
    const client = await clientOf(uri)
    await expect(client.listArtifacts('mlflow-artifacts:/0/r/artifacts')).rejects.toMatchObject({
      code: 'E_TRACKING_PATH',
    })
  })
})
