import type {TrackingSettings} from '../settings.ts'
import {TrackingError} from './tracking-error.ts'

/** So many characters of a server's own words are told; a refused duplicate comes with whole SQL statements. */
const LONGEST = 300

/** Nothing that is secret, and not more than fits a line. */
export function redact(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce((words, secret) => words.replaceAll(secret, '***'), text)
  const plain = clean
    .replaceAll(/(\w+:\/\/)[^/@\s]+@/g, '$1***@')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain
}

/** Statuses that may be otherwise in a while; as MLflow's own client has them. */
export const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/** An answer that is none of success, as an error that says what to do. */
export function refusal(
  {status, text, what}: {readonly status: number; readonly text: string; readonly what: string},
  {uri, secrets}: Pick<TrackingSettings, 'uri' | 'secrets'>,
): TrackingError {
  const {serverCode, message} = wordsOf(text)
  const said = redact(message, secrets)
  const base = {
    status,
    serverCode,
    message: `MLflow at ${uri} answered ${status} to ${what}${said ? `: ${said}` : '.'}`,
  }
  if (passing.has(status))
    return new TrackingError({
      ...base,
      kind: 'away',
      code: 'E_TRACKING_AWAY',
      hints: ["Try again later, or look into the server's log."],
    })
  if (status === 401)
    return new TrackingError({
      ...base,
      kind: 'refused',
      code: 'E_TRACKING_AUTH',
      hints: [
        'Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN; those that are set are wrong or missing.',
      ],
    })
  if (status === 403)
    return new TrackingError({
      ...base,
      kind: 'refused',
      code: 'E_TRACKING_FORBIDDEN',
      hints: /host header|rebinding/i.test(message)
        ? [`Start the server with --allowed-hosts '${new URL(uri).host}' (and the hosts it has now).`]
        : ['Ask for permission to write there, or use another experiment (MLFLOW_EXPERIMENT_NAME).'],
    })
  if (status === 404 && serverCode === undefined)
    return new TrackingError({
      ...base,
      kind: 'refused',
      code: 'E_TRACKING_UNKNOWN_CALL',
      message: `MLflow at ${uri} does not know ${what} (404).`,
      hints: [
        'Check the address: it is the one of the server itself, as http://127.0.0.1:5000, with a prefix where it has one.',
        'An older server lacks some calls; 3.0 and later have all that abd uses.',
      ],
    })
  return new TrackingError({
    ...base,
    kind: 'refused',
    code: status === 404 ? 'E_TRACKING_NOT_FOUND' : 'E_TRACKING_REFUSED',
    hints: /deleted/i.test(message)
      ? ['Restore it in MLflow, or use another experiment (MLFLOW_EXPERIMENT_NAME).']
      : [],
  })
}

/** A server's JSON, or whatever else stands in its place: plain text with 401 and 403, a page with 404. */
function wordsOf(text: string): {serverCode: string | undefined; message: string} {
  try {
    const {error_code: code, message} = JSON.parse(text) as {error_code?: unknown; message?: unknown}
    return {
      serverCode: typeof code === 'string' ? code : undefined,
      message: typeof message === 'string' ? message : '',
    }
  } catch {
    return {serverCode: undefined, message: text.replaceAll(/<[^>]*>/g, ' ')}
  }
}

/** No answer at all. */
export function unreachable(
  error: unknown,
  what: string,
  {uri, secrets}: Pick<TrackingSettings, 'uri' | 'secrets'>,
): TrackingError {
  const code = codeOf(error)
  const said = redact(error instanceof Error ? error.message : String(error), secrets)
  const isTls = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO/.test(code)
  return new TrackingError({
    kind: isTls ? 'refused' : 'away',
    code: isTls ? 'E_TRACKING_TLS' : 'E_TRACKING_AWAY',
    message: `MLflow at ${uri} did not answer ${what}: ${said || code}.`,
    hints: isTls
      ? ["Name the server's authority in MLFLOW_TRACKING_SERVER_CERT_PATH (a PEM file)."]
      : ['Is it running, and is the address right?'],
    cause: error,
  })
}

/** Never reached the server, so that nothing can have happened there. */
export const isUnsent = (error: unknown): boolean =>
  [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
  ].includes(codeOf(error))

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (!(error instanceof Error)) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? '' : codeOf(error.cause)
}
