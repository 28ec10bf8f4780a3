import {createServer} from 'node:http'
import type {IncomingMessage} from 'node:http'
import {z} from 'zod'
import {environmentError} from '../../errors.ts'
import {whyNotSigned} from './verify-signature.ts'

const MOST_BYTES = 1_000_000
/** Deliveries remembered, lest one that is repeated counts twice. */
const REMEMBERED = 1000

const Event = z.object({
  entity: z.string(),
  action: z.string(),
  data: z.object({name: z.string().optional(), version: z.coerce.string().optional()}).loose(),
})

export interface VersionName {
  readonly name: string
  readonly version: string
}

export interface Receiver {
  readonly port: number
  close(): Promise<void>
}

/**
 * Listens for MLflow's webhooks and tells of every new model version. Answers at once: an audit takes longer than MLflow
 * waits. Whatever is not signed with the secret is refused. Throws E_PORT where the port cannot be had.
 */
export async function receiveWebhooks(
  {host, port, secret}: {readonly host: string; readonly port: number; readonly secret: string},
  {
    onVersion,
    note,
    now,
  }: {
    readonly onVersion: (version: VersionName) => void
    readonly note: (line: string) => void
    readonly now: () => number
  },
): Promise<Receiver> {
  const seen = new Set<string>()
  const server = createServer((incoming, outgoing) => {
    handle(incoming).then(
      (status) =>
        outgoing.writeHead(status, {'content-type': 'text/plain'}).end(status < 300 ? 'OK\n' : 'refused\n'),
      () => outgoing.destroy(),
    )
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000

  async function handle(incoming: IncomingMessage): Promise<number> {
    if (incoming.method === 'GET' && incoming.url === '/health') return 200
    if (incoming.method !== 'POST') return 405
    const body = await bodyOf(incoming)
    if (!body) return 413
    const one = (name: string) => {
      const value = incoming.headers[name]
      return typeof value === 'string' ? value : undefined
    }
    const id = one('x-mlflow-delivery-id')
    const reason = whyNotSigned(
      {id, timestamp: one('x-mlflow-timestamp'), signature: one('x-mlflow-signature'), body},
      {secret, now: now()},
    )
    if (reason !== undefined) {
      note(`A delivery was refused: ${reason}.`)
      return 401
    }
    if (seen.has(id!)) return 200
    const event = Event.safeParse(parse(body.toString('utf8')))
    if (!event.success) return 400
    seen.add(id!)
    if (seen.size > REMEMBERED) seen.delete(seen.values().next().value!)
    const {entity, action, data} = event.data
    if (
      entity === 'model_version' &&
      action === 'created' &&
      data.name !== undefined &&
      data.version !== undefined
    )
      onVersion({name: data.name, version: data.version})
    return 202
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        environmentError({
          code: 'E_PORT',
          message: `Cannot listen on ${host}:${port}: ${error.code}.`,
          hints: ['Choose another port: --port N.'],
          cause: error,
        }),
      )
    })
    server.listen(port, host, resolve)
  })
  const address = server.address() as {port: number}
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MOST_BYTES) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
