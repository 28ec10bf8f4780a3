import {afterAll, beforeAll} from 'vitest'
import {trackingContract} from '../../fixtures/track/contract.ts'
import {startFakeMlflow} from '../../fixtures/track/fake-mlflow.ts'

let server: Awaited<ReturnType<typeof startFakeMlflow>>
beforeAll(async () => {
  server = await startFakeMlflow()
})
afterAll(() => server.stop())

trackingContract('a fake MLflow', () => server.uri)
