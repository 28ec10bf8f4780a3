import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {createRandom} from '../../../src/engine/create-random.ts'
import {lossRound} from '../../fixtures/track/loss-round.ts'
import {mlflowPython, startMlflow} from '../../fixtures/track/mlflow-server.ts'
import type {MlflowServer} from '../../fixtures/track/mlflow-server.ts'

const found = await mlflowPython()
if ('missing' in found) process.stderr.write(`SKIPPED, nothing is lost: ${found.missing}\n`)

/** Twenty for docs/results.md. */
const rounds = Number(process.env['ABD_LOSS_ROUNDS'] ?? 3)

describe.skipIf('missing' in found)('nothing is lost, and nothing is there twice', () => {
  let server: MlflowServer
  beforeAll(async () => {
    server = await startMlflow((found as {python: string}).python)
  })
  afterAll(() => server.stop())

  it.each([...Array(rounds).keys()])('round %i', async (round) => {
    const {uri} = server
    const restart = async () => {
      await server.kill()
      await server.start()
    }
    const counted = await lossRound(
      {uri, restart},
      {random: createRandom(round), steps: 100_000, isRestarted: round % 2 === 0},
    )
    process.stdout.write(`${JSON.stringify({round, ...counted})}\n`)
    const {taken, journal, there} = counted
    // What the recorder took is in the journal, though its process was killed; one more line may be on its way.
    expect(journal.metrics).toBeGreaterThanOrEqual(taken.metrics)
    expect(journal.metrics).toBeLessThanOrEqual(taken.metrics + 1)
    expect(there).toEqual({
      runs: 1,
      metrics: journal.metrics,
      distinct: journal.metrics,
      files: journal.files,
      // One for each file, but for a last one that the process was killed after.
      params: expect.toSatisfy((n: number) => n === journal.files || n === journal.files - 1) as number,
      last: expect.toSatisfy((last: string) => Number(last) >= 50 * (taken.files - 1)) as string,
      status: 'KILLED',
    })
  })
})
