import {readFile} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {setTimeout as pause} from 'node:timers/promises'
import {Agent, EnvHttpProxyAgent, request} from 'undici'
import type {Dispatcher} from 'undici'
import type {z} from 'zod'
import {environmentError} from '../../errors.ts'
import type {TrackingSettings} from '../settings.ts'
import {isUnsent, passing, redact, refusal, unreachable} from './explain-answer.ts'
import {TrackingError} from './tracking-error.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Call {
  readonly method: Method
  /** From the server's base on, as `/api/2.0/mlflow/runs/get`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** JSON. */
  readonly json?: unknown
  /** Anything else: made anew for each try. */
  readonly body?: {readonly bytes: number; readonly open: () => AsyncIterable<Uint8Array> | Uint8Array}
  /** A second time does harm: something would be made twice. Repeated only where the first never reached the server. */
  readonly once?: boolean
  readonly registry?: boolean
}

/** One server, its credentials and its retries; nobody else sends anything. */
export interface Http extends AsyncDisposable {
  readonly settings: TrackingSettings
  /** The answer as `schema` has it. Throws TrackingError, and the signal's reason. */
  json<T>(call: Call, schema: z.ZodType<T>): Promise<T>
  /** A successful answer's text, without a look at it. */
  text(call: Call): Promise<string>
  /** Hands a successful answer's body on; what the reader throws is thrown. A broken answer is asked for again. */
  stream<T>(call: Call, read: (body: Readable) => Promise<T>): Promise<T>
}

export interface HttpOptions {
  readonly signal?: AbortSignal
  /** Instead of the settings' own. */
  readonly retries?: number
  /** Milliseconds; aborted with the signal. */
  readonly sleep?: (milliseconds: number) => Promise<unknown>
  /** Told before a pause. */
  readonly onRetry?: (error: TrackingError, seconds: number) => void
  /** From 0 to 1: scatters the pauses of many clients. */
  readonly scatter?: () => number
}

/** Opens no connection yet. Throws E_TRACKING_TLS where a certificate cannot be read. */
export async function openHttp(settings: TrackingSettings, options: HttpOptions = {}): Promise<Http> {
  const dispatcher = await dispatcherFor(settings)
  const {signal, retries = settings.retries, scatter = () => 0.5} = options
  const sleep =
    options.sleep ?? ((ms: number) => pause(ms, undefined, {...(signal ? {signal} : {}), ref: true}))

  async function send(call: Call): Promise<Dispatcher.ResponseData> {
    const base = call.registry ? settings.registryUri : settings.uri
    const {json, body} = call
    const response = await request(addressOf(base, call), {
      method: call.method,
      dispatcher,
      headers: {
        accept: 'application/json, */*',
        'user-agent': 'abd',
        ...(settings.authorization === undefined ? {} : {authorization: settings.authorization}),
        ...(settings.workspace === undefined ? {} : {'x-mlflow-workspace': settings.workspace}),
        ...(json === undefined ? {} : {'content-type': 'application/json'}),
        ...(body ? {'content-type': 'application/octet-stream', 'content-length': String(body.bytes)} : {}),
      },
      ...(json === undefined ? {} : {body: JSON.stringify(json)}),
      // undici takes what can be iterated; its types do not say so.
      ...(body ? {body: body.open() as Uint8Array} : {}),
      ...(signal ? {signal} : {}),
    })
    if (response.statusCode >= 200 && response.statusCode < 300) return response
    const text = await response.body.text()
    throw Object.assign(
      refusal({status: response.statusCode, text, what: nameOf(call)}, {...settings, uri: base}),
      {retryAfter: Number(response.headers['retry-after'])},
    )
  }

  async function withRetries<T>(
    call: Call,
    read: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted()
      const sent = await attemptOf(call, read)
      if ('value' in sent) return sent.value
      const {error, mayRepeat, retryAfter} = sent
      if (!mayRepeat || attempt >= retries) throw error
      const own = settings.backoff * 2 ** attempt * (0.5 + scatter())
      const seconds = Math.min(120, Number.isFinite(retryAfter) ? Math.max(retryAfter, 0) : own)
      options.onRetry?.(error, seconds)
      await sleep(1000 * seconds)
    }
  }

  type Attempt<T> =
    | {readonly value: T}
    | {readonly error: TrackingError; readonly mayRepeat: boolean; readonly retryAfter: number}

  async function attemptOf<T>(
    call: Call,
    read: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<Attempt<T>> {
    let response: Dispatcher.ResponseData
    try {
      response = await send(call)
    } catch (thrown) {
      signal?.throwIfAborted()
      const error = thrown instanceof TrackingError ? thrown : unreachable(thrown, nameOf(call), settings)
      const mayRepeat =
        error.kind === 'away' &&
        (!call.once || isUnsent(thrown)) &&
        (error.status === undefined || passing.has(error.status))
      return {error, mayRepeat, retryAfter: (error as {retryAfter?: number}).retryAfter ?? Number.NaN}
    }
    try {
      return {value: await read(response)}
    } catch (thrown) {
      signal?.throwIfAborted()
      response.body.destroy()
      if (!isBrokenAnswer(thrown)) throw thrown
      return {
        error: unreachable(thrown, nameOf(call), settings),
        mayRepeat: !call.once,
        retryAfter: Number.NaN,
      }
    }
  }

  const text = (call: Call) => withRetries(call, ({body}) => body.text())
  return {
    settings,
    text,
    json: (call, schema) =>
      withRetries(call, async ({body}) => {
        const answer = await body.text()
        const parsed = schema.safeParse(parseJson(answer))
        if (parsed.success) return parsed.data
        throw new TrackingError({
          kind: 'refused',
          code: 'E_TRACKING_ANSWER',
          message: `What answers at ${settings.uri} is not MLflow, or one that abd does not know: ${nameOf(call)} gave ${redact(answer, settings.secrets).slice(0, 80) || 'nothing'}.`,
          hints: ['Check the address (MLFLOW_TRACKING_URI).'],
        })
      }),
    stream: (call, read) => withRetries(call, ({body}) => read(body)),
    [Symbol.asyncDispose]: () => dispatcher.close(),
  }
}

async function dispatcherFor(settings: TrackingSettings): Promise<Dispatcher> {
  const [ca, pair] = await Promise.all(
    [settings.authorities, settings.clientCertificate].map(async (path) =>
      path === undefined ? undefined : readPem(path),
    ),
  )
  const tls = {
    rejectUnauthorized: !settings.insecure,
    ...(ca ? {ca} : {}),
    ...(pair ? {cert: pair, key: pair} : {}),
  }
  const options = {
    connect: {...tls, timeout: Math.min(30, settings.timeout) * 1000},
    headersTimeout: settings.timeout * 1000,
    bodyTimeout: settings.timeout * 1000,
    connections: 8,
    pipelining: 1,
    // piecesOf counts on what a socket's back-pressure is in HTTP/1.
    allowH2: false,
  }
  const {env} = process
  const proxied = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'].some((name) => env[name])
  return proxied ? new EnvHttpProxyAgent({...options, requestTls: tls}) : new Agent(options)
}

const readPem = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw environmentError({
      code: 'E_TRACKING_TLS',
      message: `The certificate ${path} cannot be read: ${error.code}.`,
      hints: ['Check MLFLOW_TRACKING_SERVER_CERT_PATH and MLFLOW_TRACKING_CLIENT_CERT_PATH.'],
      cause: error,
    })
  })

function addressOf(base: string, {path, query = {}}: Call): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const words = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  return `${base}${path}${words ? `?${words}` : ''}`
}

/** `POST runs/create`. */
const nameOf = ({method, path}: Call): string =>
  `${method} ${path.replace(/^\/(ajax-)?api\/\d\.0\/(mlflow\/)?/, '')}`

const isBrokenAnswer = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^(UND_ERR_|ECONNRESET|EPIPE|ETIMEDOUT)/.test(error.code)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
