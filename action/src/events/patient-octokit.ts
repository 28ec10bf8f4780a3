import {getOctokit} from '@actions/github'
import {retry} from '@octokit/plugin-retry'
import {throttling} from '@octokit/plugin-throttling'

export interface PatientOptions {
  readonly token: string
  /** 'https://api.github.com' */
  readonly api: string
  /** Pause before the first repetition of what failed at GitHub, milliseconds; the n-th takes n² times as long. */
  readonly pause: number
  /** Told what is waited for; holds nothing from outside. */
  note(line: string): void
}

/** Seconds. A rate limit that ends later is left to a later run: a job that sleeps costs as much as one that works. */
const PATIENCE = 90

/**
 * GitHub's API, asked again where that helps: thrice after errors of the server and of the network, twice after a rate
 * limit that ends within 90 s. What the token may not do (401, 403, 404, …) is an answer, and is not asked for again.
 */
export function patientOctokit({token, api, pause, note}: PatientOptions) {
  const wait =
    (what: string) =>
    (seconds: number, _request: unknown, _octokit: unknown, tries: number): boolean => {
      const waits = seconds <= PATIENCE && tries < 2
      note(
        waits
          ? `GitHub's ${what}: asking again in ${seconds} s.`
          : `GitHub's ${what}: it ends in ${seconds} s, which is not waited for.`,
      )
      return waits
    }
  return getOctokit(
    token,
    {
      baseUrl: api,
      log: {debug() {}, info() {}, warn() {}, error() {}},
      retry: {retries: 2, retryAfterBaseValue: pause, doNotRetry: [400, 401, 403, 404, 410, 422, 451]},
      throttle: {onRateLimit: wait('rate limit'), onSecondaryRateLimit: wait('secondary rate limit')},
    },
    retry,
    throttling,
  )
}
