import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {escapeMarkdown} from '../../../src/report/escape-markdown.ts'
import {renderMarkdown} from '../../../src/report/render-markdown.ts'
import {visible} from '../../../src/report/visible.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

const all = Object.values(fixtures)
const hostileText = fc.oneof(
  fc.string({unit: 'binary'}),
  fc
    .array(
      fc.constantFrom(
        '@',
        '#',
        '1',
        '|',
        '`',
        '<',
        'b',
        '>',
        '[',
        ']',
        '(',
        '*',
        '_',
        '\\',
        '&',
        'GH-',
        'www.',
        'http://',
        '-',
        ' ',
        '\n',
        '$',
        '~',
        ':',
      ),
    )
    .map((parts) => parts.join('')),
)

describe('text from outside in Markdown', () => {
  it('has no markup, no mention and no link left', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const rest = escapeMarkdown(text, 10_000).replace(/&#\d+;/g, '')
        expect(rest).not.toMatch(/[\\`*_{}[\]<>#|~@&$!\n]|:\S/)
        expect(escapeMarkdown(text, 10_000)).not.toMatch(/^(?:[-+=]|\d+[.)])/)
        expect(escapeMarkdown(text, 10_000)).not.toMatch(/www\.|GH-\d|&#64;\w|&#35;\w/i)
      }),
    )
  })

  it('reads as it was written', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const decoded = escapeMarkdown(text, 10_000)
          .replace(/&#8203;/g, '')
          .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
        expect(decoded).toBe(visible(text).trim())
      }),
    )
  })

  it('leaves plain words alone', () => {
    expect(escapeMarkdown('moves 96.7 % of 400 images, (class 0); 1/2')).toBe(
      'moves 96.7 % of 400 images, (class 0); 1/2',
    )
  })
})

describe('the report in Markdown', () => {
  it('shows the verdicts first, then why, then the transfer', () => {
    const text = renderMarkdown([fixtures.block])

    expect(text).toMatch(/^## Backdoor audit: 1 block\n\n\|/)
    expect(text).toContain(
      '| ✖ | **Block** | <code>examples/teacher-poisoned.safetensors</code> | class 0 (speed limit 20) | 94.3 % → 21.9 % |',
    )
    expect(text).toContain(
      '| <code>badnet&#95;grid</code> | <code>ood</code>, with ABD (Shuffling Vaccine) | 96.7 % | **21.9 %** | 4.1 % | 76.8 % | – |',
    )
    expect(text.indexOf('Do not deploy')).toBeLessThan(text.indexOf('Does it reach a student?'))
    expect(text.indexOf('<details>')).toBeGreaterThan(text.indexOf('Does it reach a student?'))
  })

  it('keeps every table whole and holds no tag of its own making', () => {
    const text = renderMarkdown(all)
    const rows = text.split('\n').filter((line) => line.startsWith('|'))

    for (const block of text.split(/\n\n+/).filter((part) => part.startsWith('|')))
      expect(new Set(block.split('\n').map((line) => line.split('|').length)).size, block).toBe(1)
    expect(rows.length).toBeGreaterThan(50)
    const tags = new Set(text.match(/<\/?[a-z!]\w*/gi))
    expect([...tags].sort()).toEqual(['</code', '</details', '</summary', '<code', '<details', '<summary'])
    expect(text).not.toMatch(/@\w|\]\(|https?:|www\./)
  })

  it('fits into a comment on GitHub, and says what did not', () => {
    const text = renderMarkdown(Array.from({length: 60}, () => fixtures.hostile))

    expect(text.length).toBeLessThan(65_536)
    expect(text).toMatch(/_\d+ more reports did not fit: see report\.html\._\n$/)
  })
})
