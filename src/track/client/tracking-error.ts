import {AbdError} from '../../errors.ts'
import type {AbdErrorOptions} from '../../errors.ts'

/**
 * What the tracker did not do. `away` may be otherwise in a while: no server, no answer, one that is overloaded or broken.
 * `refused` will be refused again: wrong credentials, a value it does not take, something that is not there.
 */
export class TrackingError extends AbdError {
  readonly kind: 'away' | 'refused'
  /** HTTP. */
  readonly status: number | undefined
  /** MLflow's own, as RESOURCE_DOES_NOT_EXIST. */
  readonly serverCode: string | undefined

  constructor({
    kind,
    status,
    serverCode,
    ...options
  }: Omit<AbdErrorOptions, 'exit'> & {
    readonly kind: 'away' | 'refused'
    readonly status?: number
    readonly serverCode?: string | undefined
  }) {
    super({...options, exit: 4})
    this.name = 'TrackingError'
    this.kind = kind
    this.status = status
    this.serverCode = serverCode
  }
}

/** Is it not there, in one of the ways a server says so? */
export const isMissing = (error: unknown): boolean =>
  error instanceof TrackingError && error.serverCode === 'RESOURCE_DOES_NOT_EXIST'

/** Was it there before? */
export const isThereAlready = (error: unknown): boolean =>
  error instanceof TrackingError && error.serverCode === 'RESOURCE_ALREADY_EXISTS'

/** Does the server not know such a call at all, as an old one does not? */
export const isUnknownCall = (error: unknown): boolean =>
  error instanceof TrackingError && error.code === 'E_TRACKING_UNKNOWN_CALL'
