import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {trackingContract} from '../../fixtures/track/contract.ts'
import {mlflowPython, startMlflow} from '../../fixtures/track/mlflow-server.ts'
import type {MlflowServer} from '../../fixtures/track/mlflow-server.ts'
import {settingsFor} from '../../fixtures/track/settings-for.ts'

const found = await mlflowPython()
if ('missing' in found) process.stderr.write(`SKIPPED, all of the real MLflow: ${found.missing}\n`)

describe.skipIf('missing' in found)('a real MLflow server', () => {
  let server: MlflowServer
  beforeAll(async () => {
    server = await startMlflow((found as {python: string}).python, {
      env: {MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true'},
    })
  })
  afterAll(() => server.stop())
  trackingContract('MLflow 3.17.2', () => server.uri)

  it('is told of webhooks, and forgets them', async () => {
    await using client = await openMlflow(settingsFor(server.uri))
    const hook = {name: 'abd-watch', url: 'https://127.0.0.1:9/', secret: 'a-secret-of-tests'}
    const {webhook_id: id} = await client.createWebhook(hook)
    expect(await client.listWebhooks()).toMatchObject([{webhook_id: id, url: hook.url, status: 'ACTIVE'}])
    await client.deleteWebhook(id)
    expect(await client.listWebhooks()).toEqual([])
    const error = await client
      .createWebhook({...hook, url: 'http://127.0.0.1:9/'})
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'E_TRACKING_REFUSED',
      message: expect.stringMatching(/scheme/i) as string,
    })
    expect(String(error)).not.toContain(hook.secret)
  })
})
