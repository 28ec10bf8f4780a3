import {createHash, randomFillSync} from 'node:crypto'
import {mkdtempSync, readFileSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:https'
import type {Server} from 'node:https'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {TLSSocket} from 'node:tls'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {makeCertificates} from '../../fixtures/track/certificates.ts'
import {noSleep, settingsFor} from '../../fixtures/track/settings-for.ts'

const folder = mkdtempSync(join(tmpdir(), 'abd-tls-'))
const made = makeCertificates(folder)
if ('missing' in made) process.stderr.write(`SKIPPED, MLflow behind TLS: ${made.missing}\n`)

describe.skipIf('missing' in made)('a server with a certificate of a private authority', () => {
  const {authority, server: pem, client: pair} = made as Exclude<typeof made, {missing: string}>
  let server: Server
  let uri = ''
  /** What came in: who sent it, and its hash. */
  const seen: {client: string | undefined; sha256: string}[] = []
  beforeAll(async () => {
    const own = readFileSync(pem)
    server = createServer(
      {cert: own, key: own, ca: readFileSync(authority), requestCert: true, rejectUnauthorized: false},
      (request, response) => {
        const socket = request.socket as TLSSocket
        const hash = createHash('sha256')
        request.on('data', (piece: Buffer) => hash.update(piece))
        request.on('end', () => {
          const {subject} = socket.getPeerCertificate()
          seen.push({client: socket.authorized ? String(subject?.CN) : undefined, sha256: hash.digest('hex')})
          response.writeHead(socket.authorized || request.method === 'GET' ? 200 : 401).end('3.17.2')
        })
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    uri = `https://127.0.0.1:${(server.address() as {port: number}).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, {recursive: true})
  })
  const open = (environment: Record<string, string> = {}) =>
    openMlflow(settingsFor(uri, environment), {sleep: noSleep})

  it('is not trusted until its authority is named, and that is said at once', async () => {
    await using client = await open()
    const error = await client.version().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'E_TRACKING_TLS',
      kind: 'refused',
      hints: [expect.stringContaining('MLFLOW_TRACKING_SERVER_CERT_PATH')],
    })
  })

  it('is trusted with it, or where nothing is checked', async () => {
    await using named = await open({MLFLOW_TRACKING_SERVER_CERT_PATH: authority})
    await using unchecked = await open({MLFLOW_TRACKING_INSECURE_TLS: 'true'})
    expect([await named.version(), await unchecked.version()]).toEqual(['3.17.2', '3.17.2'])
    expect(seen.map(({client}) => client)).toEqual([undefined, undefined])
  })

  it('knows the client by its certificate, and gets a large file as it is', async () => {
    const content = randomFillSync(Buffer.alloc(3_000_001))
    const file = join(folder, 'weights.bin')
    await writeFile(file, content)
    await using client = await open({
      MLFLOW_TRACKING_SERVER_CERT_PATH: authority,
      MLFLOW_TRACKING_CLIENT_CERT_PATH: pair,
    })
    await client.putArtifact('mlflow-artifacts:/0/r/artifacts', 'weights.bin', {file}).catch(() => {})
    expect(seen.at(-1)).toEqual({
      client: 'client',
      sha256: createHash('sha256').update(content).digest('hex'),
    })
  })

  it('says which certificate cannot be read', async () => {
    await expect(open({MLFLOW_TRACKING_CLIENT_CERT_PATH: join(folder, 'none.pem')})).rejects.toMatchObject({
      code: 'E_TRACKING_TLS',
      message: expect.stringMatching(/none\.pem cannot be read: ENOENT/),
    })
  })
})
