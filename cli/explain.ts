import {AbdError, environmentError} from '@abd/core'
import {styleText} from 'node:util'
import {printable} from './printable.ts'

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
  {interrupted}: {interrupted: boolean},
): {error: {code: string; message: string; hints: readonly string[]}} {
  const known = asAbdError(error)
  const code = known?.code ?? (exitCodeOf(error) === 2 ? 'E_USAGE' : 'E_BUG')
  return {
    error: {
      code: interrupted ? 'E_INTERRUPTED' : code,
      message: known?.message ?? (error instanceof Error ? error.message : String(error)),
      hints: known?.hints ?? [],
    },
  }
}

/** A message for people: what happened, then what to do; never a stack trace. */
export function explain(
  error: unknown,
  {command, interrupted}: {command: string; interrupted: boolean},
): string {
  if (interrupted)
    return `${styleText('yellow', 'Interrupted.', {stream: process.stderr})} Nothing half-written was kept.\n`
  const known = asAbdError(error)
  const message = printable(error instanceof Error ? (known?.message ?? error.message) : String(error))
  const hints = known
    ? known.hints.map(printable)
    : isParseError(error)
      ? [`See: abd ${command.replaceAll(':', ' ')} --help`]
      : ['This is a bug in abd. Run it again with DEBUG=* and report what it prints.']
  const label = styleText(['bold', 'red'], 'Error:', {stream: process.stderr})
  return [`${label} ${firstParagraph(message)}`, ...hints.map((hint) => `  → ${hint}`)].join('\n') + '\n'
}

const firstParagraph = (text: string) => text.replace(/\nSee more help with --help$/, '')

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
