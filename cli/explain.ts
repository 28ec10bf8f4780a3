import {AbdError, environmentError, nearest} from '@abd/core'
import {styleText} from 'node:util'
import {printableLine} from './printable.ts'

const INTERRUPTED = 'Interrupted. Nothing half-written was kept.'

/** 0 pass, 1 bug, 2 usage or configuration, 3 gate failed, 4 environment, 130 interrupted. */
export function exitCodeOf(error: unknown): number {
  const known = asAbdError(error)
  if (known) return known.exit
  // oclif's own: an unknown flag, a missing argument, a value outside its options.
  return isParseError(error) ? 2 : 1
}

/** The same for programs, on standard output where --json was given. */
export function errorJson(
  error: unknown,
  {command, interrupted}: {command: string; interrupted: boolean},
): {error: {code: string; message: string; hints: readonly string[]}} {
  if (interrupted) return {error: {code: 'E_INTERRUPTED', message: INTERRUPTED, hints: []}}
  const known = asAbdError(error)
  return {
    error: {
      code: known?.code ?? (exitCodeOf(error) === 2 ? 'E_USAGE' : 'E_BUG'),
      message: known?.message ?? wordsOf(error),
      hints: known?.hints ?? hintsOf(error, command),
    },
  }
}

/** A message for people: what happened, then what to do; never a stack trace. */
export function explain(
  error: unknown,
  {command, interrupted}: {command: string; interrupted: boolean},
): string {
  if (interrupted)
    return `${INTERRUPTED.replace(/^\S+/, (word) => styleText('yellow', word, {stream: process.stderr}))}\n`
  const known = asAbdError(error)
  return explained({
    message: known?.message ?? wordsOf(error),
    hints: known?.hints ?? hintsOf(error, command),
  })
}

/** The same of a message and its remedies. What is in them, from a file perhaps, stands on lines that are told apart. */
export function explained({
  message,
  hints,
}: {
  readonly message: string
  readonly hints: readonly string[]
}): string {
  const label = styleText(['bold', 'red'], 'Error:', {stream: process.stderr})
  const [first = '', ...others] = message.split('\n').filter((line) => line.trim() !== '')
  return [
    `${label} ${printableLine(first)}`,
    ...others.map((line) => `    | ${printableLine(line)}`),
    ...hints.map((hint) => `  → ${printableLine(hint)}`),
    '',
  ].join('\n')
}

/** oclif's words on one line, without its reference to --help; anybody else's as they are. */
function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return isParseError(error)
    ? message.replace(/\nSee more help with --help$/, '').replaceAll(/ *\n\t/g, ': ')
    : message
}

function hintsOf(error: unknown, command: string): readonly string[] {
  if (!isParseError(error))
    return ['This is a bug in abd. Run it again with DEBUG=* and report what it prints.']
  return [...nearestFlag(error), ...fromEnvironment(error), `See: abd ${command.replaceAll(':', ' ')} --help`]
}

/** `Did you mean --json?` where a flag is unknown. */
function nearestFlag(error: unknown): readonly string[] {
  const {flags, parse} = error as {
    flags?: readonly string[]
    parse?: {input?: {flags?: Readonly<Record<string, unknown>>}}
  }
  const known = Object.keys(parse?.input?.flags ?? {}).map((name) => `--${name}`)
  const close = flags?.[0] === undefined ? undefined : nearest(flags[0], known)
  return close === undefined ? [] : [`Did you mean ${close}?`]
}

/** Where a value that nobody typed comes from. */
function fromEnvironment(error: unknown): readonly string[] {
  const [, flag = '', value] = /^Expected --([\w-]+)=(.*) to be one of/.exec((error as Error).message) ?? []
  const variable = `ABD_${flag.toUpperCase()}`
  const typed = process.argv.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`))
  return value !== undefined && !typed && process.env[variable] === value
    ? [`It comes from the environment: ${variable}=${value}`]
    : []
}

/** What the system refuses often enough to have its own words. */
function asAbdError(error: unknown): AbdError | undefined {
  if (error instanceof AbdError) return error
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'the output folder'
  switch (error.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return environmentError({
        code: 'E_DISK_FULL',
        message: `No space left on the device while writing ${path}.`,
        hints: ['Free some space, or write elsewhere (--out).'],
        cause: error,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return environmentError({
        code: 'E_NOT_PERMITTED',
        message: `Not permitted: ${path}.`,
        hints: ['Check its owner and mode, or choose another path.'],
        cause: error,
      })
    default:
      return undefined
  }
}

const isParseError = (error: unknown): boolean =>
  error instanceof Error &&
  ('parse' in error ||
    ['NonExistentFlagsError', 'CLIParseError', 'CLIError'].includes(error.constructor.name))
