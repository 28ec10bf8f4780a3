import {createHash, randomFillSync} from 'node:crypto'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {IncomingMessage, Server} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {noSleep, settingsFor} from '../../fixtures/track/settings-for.ts'

/** More than the system buffers on the way, and no multiple of a piece. */
const content = randomFillSync(Buffer.alloc(12_345_678))
const sha256 = createHash('sha256').update(content).digest('hex')

describe('a file on its way to the server', () => {
  let folder = ''
  let server: Server
  /** What to do with the n-th request. */
  let answer: (request: IncomingMessage, index: number) => Promise<number | 'reset'>
  let requests = 0
  beforeEach(async () => {
    requests = 0
    folder = await mkdtemp(join(tmpdir(), 'abd-upload-'))
    await writeFile(join(folder, 'weights.bin'), content)
    server = createServer((request, response) => {
      const {socket} = request
      void answer(request, requests++).then((status) =>
        status === 'reset' ? socket.destroy() : response.writeHead(status).end('{}'),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, {recursive: true})
  })
  const put = async () => {
    const {port} = server.address() as {port: number}
    await using client = await openMlflow(settingsFor(`http://127.0.0.1:${port}`), {sleep: noSleep})
    await client.putArtifact('mlflow-artifacts:/0/r/artifacts', 'weights.bin', {
      file: join(folder, 'weights.bin'),
    })
  }

  it('arrives as it is at one that reads slowly', async () => {
    const hash = createHash('sha256')
    answer = async (request) => {
      let pieces = 0
      for await (const piece of request) {
        hash.update(piece as Buffer)
        if (++pieces % 20 === 0) await sleep(3)
      }
      return 200
    }
    await put()
    expect(hash.digest('hex')).toBe(sha256)
  })

  it('is sent from its beginning where the connection broke in the middle', async () => {
    const hash = createHash('sha256')
    answer = async (request, index) => {
      let bytes = 0
      for await (const piece of request) {
        bytes += (piece as Buffer).length
        if (index === 0 && bytes > 4_000_000) return 'reset'
        if (index > 0) hash.update(piece as Buffer)
      }
      return 200
    }
    await put()
    expect([requests, hash.digest('hex')]).toEqual([2, sha256])
  })

  it('is given up where the server lets nobody in', async () => {
    answer = async (request) => {
      request.resume()
      return 401
    }
    await expect(put()).rejects.toMatchObject({code: 'E_TRACKING_AUTH'})
    expect(requests).toBe(1)
  })
})
