import {stripVTControlCharacters} from 'node:util'
import stringWidth from 'string-width'
import {describe, expect, it} from 'vitest'
import {renderText} from '../../../src/report/render-text.ts'
import {fixtures} from '../../fixtures/reports/index.ts'

const all = Object.values(fixtures)

describe('the report in a terminal', () => {
  it('begins with the verdict and tells why and what crosses', () => {
    const text = renderText([fixtures.block], {colour: false, width: 100})

    expect(text.split('\n')[0]).toBe('✖ BLOCK  examples/teacher-poisoned.safetensors')
    expect(text).toContain('Suspected target: class 0 (speed limit 20)')
    expect(text).toMatch(/badnet_grid +vanilla +96\.7 % +94\.3 % +4\.7 % +– +–/)
    expect(text).toMatch(/96\.7 % +21\.9 % +4\.1 % +76\.8 % +–/)
    expect(text).toMatch(
      /patch_probes +0\.841 +0\.17 to 0\.53 +0\.0099 +class 0 \(speed limit 20\) +suspicious/,
    )
  })

  it('sets each signal beside clean models, where there are any to compare with', () => {
    const signals = (report: keyof typeof fixtures, width = 80) =>
      renderText([fixtures[report]], {colour: false, width}).split('Signals')[1]!

    expect(signals('pass')).toMatch(/Signal +Statistic +Clean 5–95 % +p +Points at/)
    expect(signals('pass')).toMatch(/last_layer +1\.37 +0\.9 to 2\.7 +0\.71/)
    expect(signals('uncalibrated')).not.toContain('Clean')
    expect(signals('pass', 60)).not.toContain('Clean')
  })

  it('does not sound like a pass for a file that could not be audited', () => {
    expect(renderText([fixtures.truncated, fixtures.skipped], {colour: false, width: 100})).not.toMatch(
      /\bpass\b/i,
    )
  })

  it('says when transfer was not tested', () => {
    expect(renderText([fixtures.forwardOnly], {colour: false, width: 100})).toMatch(
      /Transfer to students\n {2}not tested/,
    )
  })

  it('counts the verdicts of several files at the end', () => {
    const text = renderText([fixtures.pass, fixtures.block, fixtures.pass], {colour: false, width: 100})
    expect(text.trimEnd().split('\n').at(-1)).toBe('3 models: 1 block, 2 pass')
  })

  it.each([60, 80, 120])('keeps to %d columns', (width) => {
    for (const line of renderText(all, {colour: false, width}).split('\n'))
      expect(stringWidth(line), line).toBeLessThanOrEqual(width)
  })

  it('lets nothing from outside control the terminal', () => {
    expect(renderText(all, {colour: false, width: 90})).not.toMatch(
      // eslint-disable-next-line no-control-regex -- these are what must not get there
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
    )
  })

  it('adds colours and nothing else', () => {
    const coloured = renderText(all, {colour: true, width: 90})

    expect(coloured).toContain('\u001b[31m')
    // eslint-disable-next-line no-control-regex -- a colour is an escape sequence
    expect(coloured.replace(/\u001b\[\d+m/g, '')).not.toContain('\u001b')
    expect(stripVTControlCharacters(coloured)).toBe(renderText(all, {colour: false, width: 90}))
  })
})
