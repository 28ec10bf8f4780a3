/**
 * What the user can mend. `exit` is the process's exit code: 2 usage or configuration, 3 a dangerous file, 4 environment
 * or a file that cannot be audited. Everything else that is thrown is a bug (exit code 1).
 */
export interface AbdErrorOptions {
  /** Stable, for scripts: `E_TRIGGER_UNKNOWN`. */
  readonly code: `E_${string}`
  readonly exit: 2 | 3 | 4
  /** What happened, with the value and the place. */
  readonly message: string
  /** What to do, one sentence each. */
  readonly hints?: readonly string[]
  readonly cause?: unknown
}

export class AbdError extends Error {
  readonly code: `E_${string}`
  readonly exit: 2 | 3 | 4
  readonly hints: readonly string[]

  constructor({code, exit, message, hints = [], cause}: AbdErrorOptions) {
    super(message, {cause})
    this.name = 'AbdError'
    this.code = code
    this.exit = exit
    this.hints = hints
  }
}

type Details = Omit<AbdErrorOptions, 'exit'>

/** The user's words are off: an unknown flag value, a bad policy (exit code 2). */
export const usageError = (details: Details): AbdError => new AbdError({...details, exit: 2})

/** A file would run code, and is not loaded (exit code 3). */
export const dangerError = (details: Details): AbdError => new AbdError({...details, exit: 3})

/** The surroundings are: a missing or broken file, no engine, a full disk (exit code 4). */
export const environmentError = (details: Details): AbdError => new AbdError({...details, exit: 4})
