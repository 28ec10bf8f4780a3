import {printable, printableLine} from '@abd/cli'
import {describe, expect, it} from 'vitest'

describe('printable', () => {
  it('shows what would control the terminal', () => {
    expect(printable('a\u001b]0;x\u0007b')).toBe('a\\u001b]0;x\\u0007b')
  })

  it('keeps lines, or shows their breaks where a text must stay on one', () => {
    expect(printable('a\nb')).toBe('a\nb')
    expect(printableLine('note\n  scan  nothing found\u200b')).toBe('note\\u000a  scan  nothing found\\u200b')
  })
})
