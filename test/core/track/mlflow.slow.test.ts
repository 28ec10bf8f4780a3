import {afterAll, beforeAll, describe} from 'vitest'
import {trackingContract} from '../../fixtures/track/contract.ts'
import {mlflowPython, startMlflow} from '../../fixtures/track/mlflow-server.ts'
import type {MlflowServer} from '../../fixtures/track/mlflow-server.ts'

const found = await mlflowPython()
if ('missing' in found) process.stderr.write(`SKIPPED, all of the real MLflow: ${found.missing}\n`)

describe.skipIf('missing' in found)('a real MLflow server', () => {
  let server: MlflowServer
  beforeAll(async () => {
    server = await startMlflow((found as {python: string}).python)
  })
  afterAll(() => server.stop())
  trackingContract('MLflow 3.17.2', () => server.uri)
})
