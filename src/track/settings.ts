import {z} from 'zod'
import {usageError} from '../errors.ts'

/** How to reach an MLflow server, and what to log to: from MLflow's own environment variables. */
export interface TrackingSettings {
  /** Base of the tracking server, without user, password, query or a slash at its end. */
  readonly uri: string
  /** The same of the model registry's. */
  readonly registryUri: string
  /** Value of the header; a secret. */
  readonly authorization?: string
  /** Everything that must not stand in any message. */
  readonly secrets: readonly string[]
  /** MLFLOW_TRACKING_INSECURE_TLS: certificates are not checked. */
  readonly insecure: boolean
  /** Path of a PEM file with authorities to trust. */
  readonly authorities?: string
  /** Path of a PEM file with a client certificate and its key. */
  readonly clientCertificate?: string
  readonly workspace?: string
  readonly retries: number
  /** Seconds; the n-th pause is this times 2^(n-1), and at most two minutes. */
  readonly backoff: number
  /** Seconds for one answer. */
  readonly timeout: number
}

/** What a run is put into. */
export interface Destination {
  readonly experimentName: string
  readonly experimentId?: string
  /** A run that somebody else began, and will end: `mlflow run` does. */
  readonly runId?: string
}

type Environment = Readonly<Record<string, string | undefined>>

const flag = z
  .enum(['true', 'True', 'TRUE', '1', 'false', 'False', 'FALSE', '0'])
  .default('false')
  .transform((word) => ['true', '1'].includes(word.toLowerCase()))

const Variables = z.object({
  MLFLOW_TRACKING_URI: z.string().optional(),
  MLFLOW_REGISTRY_URI: z.string().optional(),
  MLFLOW_TRACKING_USERNAME: z.string().optional(),
  MLFLOW_TRACKING_PASSWORD: z.string().optional(),
  MLFLOW_TRACKING_TOKEN: z.string().optional(),
  MLFLOW_TRACKING_INSECURE_TLS: flag,
  MLFLOW_TRACKING_SERVER_CERT_PATH: z.string().optional(),
  MLFLOW_TRACKING_CLIENT_CERT_PATH: z.string().optional(),
  MLFLOW_WORKSPACE: z.string().optional(),
  // Half a minute in all; MLflow's own client takes minutes to say that a server is away.
  MLFLOW_HTTP_REQUEST_MAX_RETRIES: z.coerce.number().int().min(0).max(100).default(5),
  MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: z.coerce.number().min(0).max(120).default(1),
  MLFLOW_HTTP_REQUEST_TIMEOUT: z.coerce.number().min(1).max(86_400).default(120),
})

/** An empty variable is one that is not set. */
const present = (environment: Environment): Environment =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))

/**
 * From MLflow's variables; `uri` stands before MLFLOW_TRACKING_URI. Undefined where neither says where a server is.
 * Throws E_TRACKING_URI for one that is no http(s) server, E_TRACKING_SETTING for a variable that makes no sense.
 */
export function trackingSettings(
  environment: Environment,
  {uri}: {readonly uri?: string | undefined} = {},
): TrackingSettings | undefined {
  const parsed = Variables.safeParse(present(environment))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw usageError({
      code: 'E_TRACKING_SETTING',
      message: `The environment variable ${issue!.path.join('.')} makes no sense: ${issue!.message}.`,
      hints: ['Correct it, or unset it: every one of them has a default.'],
    })
  }
  const variables = parsed.data
  const given = uri ?? variables.MLFLOW_TRACKING_URI
  if (given === undefined) return undefined
  const tracking = serverOf(given, 'The tracking URI')
  const registry = variables.MLFLOW_REGISTRY_URI
    ? serverOf(variables.MLFLOW_REGISTRY_URI, 'MLFLOW_REGISTRY_URI')
    : tracking
  const username = variables.MLFLOW_TRACKING_USERNAME ?? tracking.username
  const password = variables.MLFLOW_TRACKING_PASSWORD ?? tracking.password
  const token = variables.MLFLOW_TRACKING_TOKEN
  // As in MLflow's own client, a user stands before a token.
  const authorization = username
    ? `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
    : token === undefined
      ? undefined
      : `Bearer ${token}`
  const clientCertificate = variables.MLFLOW_TRACKING_CLIENT_CERT_PATH
  const authorities = variables.MLFLOW_TRACKING_SERVER_CERT_PATH
  const workspace = variables.MLFLOW_WORKSPACE
  return {
    uri: tracking.base,
    registryUri: registry.base,
    ...(authorization === undefined ? {} : {authorization}),
    secrets: [password, token, registry.password, authorization?.split(' ')[1]].filter(
      (secret): secret is string => secret !== undefined && secret !== '',
    ),
    insecure: variables.MLFLOW_TRACKING_INSECURE_TLS,
    ...(authorities === undefined ? {} : {authorities}),
    ...(clientCertificate === undefined ? {} : {clientCertificate}),
    ...(workspace === undefined ? {} : {workspace}),
    retries: variables.MLFLOW_HTTP_REQUEST_MAX_RETRIES,
    backoff: variables.MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR,
    timeout: variables.MLFLOW_HTTP_REQUEST_TIMEOUT,
  }
}

/** Experiment and run by MLflow's variables; a flag's name stands before them. */
export function destinationOf(
  environment: Environment,
  {experiment}: {readonly experiment?: string | undefined} = {},
): Destination {
  const {MLFLOW_EXPERIMENT_ID, MLFLOW_EXPERIMENT_NAME, MLFLOW_RUN_ID} = present(environment)
  return {
    experimentName: experiment ?? MLFLOW_EXPERIMENT_NAME ?? 'abd',
    ...(experiment === undefined && MLFLOW_EXPERIMENT_ID !== undefined
      ? {experimentId: MLFLOW_EXPERIMENT_ID}
      : {}),
    ...(MLFLOW_RUN_ID === undefined ? {} : {runId: MLFLOW_RUN_ID}),
  }
}

/** User and password are taken out: a library would print them with the address. */
function serverOf(text: string, what: string): {base: string; username?: string; password?: string} {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw usageError({
      code: 'E_TRACKING_URI',
      message: `${what} is not that of a server: ${url ? `it begins with ${url.protocol}` : 'it is no URL'}.`,
      hints: [
        'Give one like http://127.0.0.1:5000, as mlflow server prints it.',
        'For a folder of files, record with --track and write them with: abd track export --mlruns DIR',
      ],
    })
  return {
    base: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    ...(url.username ? {username: decodeURIComponent(url.username)} : {}),
    ...(url.password ? {password: decodeURIComponent(url.password)} : {}),
  }
}
