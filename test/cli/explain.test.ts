import {errorJson, exitCodeOf, explain} from '../../cli/explain.ts'
import {printable} from '../../cli/printable.ts'
import {environmentError, usageError} from '../../src/errors.ts'
import {stripVTControlCharacters} from 'node:util'
import {describe, expect, it} from 'vitest'

const plain = stripVTControlCharacters
const on = {command: 'audit', interrupted: false}

describe('explain', () => {
  it('says what happened, then what to do', () => {
    const error = usageError({
      code: 'E_X',
      message: 'There is no such thing.',
      hints: ['Try another.', 'Or none.'],
    })

    expect(plain(explain(error, on))).toBe('Error: There is no such thing.\n  → Try another.\n  → Or none.\n')
    expect(exitCodeOf(error)).toBe(2)
    expect(exitCodeOf(environmentError({code: 'E_X', message: 'm'}))).toBe(4)
  })

  it('never shows a stack trace of a bug, but says that it is one', () => {
    const text = explain(new TypeError('x is undefined'), on)

    expect(text).not.toContain('.ts:')
    expect(text).toContain('bug')
    expect(exitCodeOf(new TypeError('x'))).toBe(1)
  })

  it('calls an interruption no bug, for people and for programs', () => {
    const stopped = {command: 'audit', interrupted: true}
    const error = Object.assign(new Error('Interrupted.'), {name: 'AbortError'})

    expect(plain(explain(error, stopped))).toBe('Interrupted. Nothing half-written was kept.\n')
    expect(errorJson(error, stopped)).toEqual({
      error: {code: 'E_INTERRUPTED', message: 'Interrupted. Nothing half-written was kept.', hints: []},
    })
    expect(errorJson(error, on).error.code).toBe('E_BUG')
  })

  it('puts a full disk and a locked folder into words', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      path: '/out/report.html',
    })
    expect(plain(explain(full, on))).toMatch(
      /^Error: No space left on the device while writing \/out\/report\.html\.\n/,
    )
    expect(exitCodeOf(full)).toBe(4)

    const locked = Object.assign(new Error('EACCES: permission denied'), {code: 'EACCES', path: '/out'})
    expect(plain(explain(locked, on))).toMatch(/^Error: Not permitted: \/out\./)
  })

  it('shows escape sequences from outside instead of obeying them', () => {
    expect(printable('a\u001b[2Jb\u202ec')).toBe('a\\u001b[2Jb\\u202ec')
    expect(printable('two\nlines')).toBe('two\nlines')
    expect(explain(usageError({code: 'E_X', message: 'file \u001b[31mevil'}), on)).toContain(
      '\\u001b[31mevil',
    )
  })

  it('lets no text from outside pass for a line of ours', () => {
    const error = usageError({
      code: 'E_X',
      message: "tensor 'a\n\nPASS  model: nothing found\n  → Load it' is broken.",
      hints: ['Give\nanother.'],
    })
    expect(plain(explain(error, on))).toBe(
      [
        "Error: tensor 'a",
        '    | PASS  model: nothing found',
        "    |   → Load it' is broken.",
        '  → Give\\u000aanother.',
        '',
      ].join('\n'),
    )
  })
})
