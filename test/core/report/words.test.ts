import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {classLabel} from '../../../src/report/class-label.ts'
import {
  count,
  duration,
  fileSize,
  moment,
  number,
  percent,
  plural,
  pValue,
} from '../../../src/report/figures.ts'
import {tally, verdictWords} from '../../../src/report/verdict-words.ts'
import {shorten, visible} from '../../../src/report/visible.ts'
import {attacks, fixtures} from '../../fixtures/reports/index.ts'

describe('figures', () => {
  it.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.967, '96.7 %'],
    [0.5, '50.0 %'],
    [0.0004, '< 0.1 %'],
    [0.9996, '> 99.9 %'],
    [0.0016, '0.2 %'],
  ])('%d is %s', (fraction, text) => {
    expect(percent(fraction)).toBe(text)
  })

  it.each([
    [0.0099, '0.0099'],
    [0.0198, '0.020'],
    [0.5, '0.50'],
    [1, '1'],
    [0.995, '> 0.99'],
  ])('p = %d reads %s', (p, text) => {
    expect(pValue(p)).toBe(text)
  })

  it.each([
    [0, '0'],
    [341, '341'],
    [0.84137, '0.841'],
    [-1.2345, '-1.23'],
    [12_345.6, '12,300'],
    [0.00001, '1.0e-5'],
    [3e9, '3.0e+9'],
    [1284, '1,284'],
  ])('%d reads %s', (value, text) => {
    expect(number(value)).toBe(text)
  })

  it.each([
    [0, '0 s'],
    [0.02, '< 0.1 s'],
    [0.42, '0.4 s'],
    [9.96, '10 s'],
    [41.2, '41 s'],
    [59.6, '1 min 00 s'],
    [125, '2 min 05 s'],
    [3720, '1 h 02 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })

  it('sizes, counts and moments', () => {
    expect([fileSize(1), fileSize(812), fileSize(712_345), fileSize(44_780_312), fileSize(3.2e9)]).toEqual([
      '1 byte',
      '812 bytes',
      '712 kB',
      '44.8 MB',
      '3.2 GB',
    ])
    expect(count(175_994)).toBe('176k')
    expect(moment('2026-11-23T18:40:02Z')).toBe('2026-11-23 18:40 UTC')
    expect([plural(1, 'model'), plural(0, 'model')]).toEqual(['1 model', '0 models'])
  })
})

describe('a class', () => {
  it('is called by its name, if that says more than its number', () => {
    expect(classLabel(fixtures.block, 0)).toBe('class 0 (speed limit 20)')
    expect(classLabel(fixtures.truncated, 3)).toBe('class 3')
    expect(classLabel({model: {...fixtures.pass.model, classNames: ['0', ' ']}}, 0)).toBe('class 0')
    expect(classLabel({model: {...fixtures.pass.model, classNames: ['0', ' ']}}, 1)).toBe('class 1')
  })

  it('has at most 60 characters of name', () => {
    expect(classLabel({model: {...fixtures.pass.model, classNames: [attacks.long]}}, 0)).toHaveLength(
      'class 0 ()'.length + 60,
    )
  })
})

describe('a verdict', () => {
  it('is counted from the worst to the best', () => {
    expect(tally(['pass', 'block', 'pass', 'error'])).toEqual([
      {verdict: 'block', count: 1},
      {verdict: 'error', count: 1},
      {verdict: 'pass', count: 2},
    ])
  })

  it('never sounds like a pass when nothing was audited', () => {
    expect(verdictWords.error.sentence + verdictWords.skipped.sentence).not.toMatch(/pass/i)
  })
})

describe('text from outside', () => {
  it('shows what would control a terminal or turn the reading direction', () => {
    expect(visible('a\u001b[31mb')).toBe('a\\u{1b}[31mb')
    expect(visible('safe\u202egnp.exe')).toBe('safe\\u{202e}gnp.exe')
    expect(visible('one\r\n\ttwo')).toBe('one two')
    expect(visible('\ud800')).toBe('\ufffd')
    expect(visible(attacks.arabic)).toBe(attacks.arabic)
  })

  it('holds no character that cannot be seen, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u)
      }),
    )
  })

  it('is cut between characters', () => {
    expect(shorten('abcdef', 4)).toBe('abc…')
    expect(shorten('abcd', 4)).toBe('abcd')
    expect(shorten('👍👍👍', 2)).toBe('👍…')
  })
})
