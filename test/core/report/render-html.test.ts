import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {Report} from '../../../src/audit/report-schema.ts'
import {renderHtml} from '../../../src/report/html/render-html.ts'
import {attacks, fixtures} from '../../fixtures/reports/index.ts'

const all = Object.entries(fixtures)

/** The page's tags with the names of their attributes, in order: what a text from outside must never change. */
const skeleton = (page: string): string =>
  [
    ...page
      .replace(/<style>[\s\S]*?<\/style>/, '')
      .matchAll(/<(\/?[a-z!][^\s>]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/gi),
  ]
    .map(
      ([, tag, attributes]) =>
        `${tag} ${[...(attributes ?? '').matchAll(/([\w-]+)="/g)].map(([, name]) => name).join(' ')}`,
    )
    .join('\n')

/** `block` with a text of ours in every place that takes text from outside. */
function withTexts(text: (place: number) => string): Report {
  let place = 0
  const next = () => text(place++)
  const {block} = fixtures
  return {
    ...block,
    tool: {name: 'abd', version: next()},
    model: {
      ...block.model,
      path: next(),
      format: next(),
      architecture: next(),
      classNames: Array.from({length: 10}, next),
    },
    reasons: [next(), next()],
    advice: [next()],
    demonstrations: block.demonstrations.map((one) => ({...one, trigger: next()})),
    findings: block.findings.map((one) => ({
      ...one,
      detector: next(),
      summary: next(),
      paper: `https://example.org/${next()}`,
      details: {[next()]: next()},
    })),
    transfer: [next()].flatMap((trigger) =>
      [null, next()].map((defence) => ({...block.transfer[0]!, trigger, defence, distiller: 'ood'})),
    ),
    scan: [{rule: 'ABD-F001', severity: 'critical', message: next(), offset: 3}],
    limits: [next()],
    plan: {profile: next()},
    calibration: {...block.calibration, id: next(), note: next()},
    policy: {source: next(), values: {value: next()}},
    engine: {name: next(), version: next(), device: next()},
    illustrations: block.illustrations.map((one) => ({
      ...one,
      png: 'iVBORw0KGgo=',
      caption: next(),
      ...(one.trigger ? {trigger: next()} : {}),
    })),
  }
}

describe('the page', () => {
  it.each(all)('%s is one file without script, without network, and the same every time', (_, report) => {
    const page = renderHtml([report])

    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    )
    expect(page).not.toMatch(/<(script|iframe|object|embed|form|base|audio|video|link rel="stylesheet")/i)
    for (const [, source] of page.matchAll(/\ssrc="([^"]{0,40})/g))
      expect(source).toMatch(/^data:image\/png;base64,/)
    expect(page.replace(/<style>[\s\S]*?<\/style>/, '')).not.toMatch(/url\((?!#)/)
    expect(renderHtml([report])).toBe(page)
  })

  it('does not put together what is one signal alone', () => {
    const {pass} = fixtures
    const rankedBy = (detectors: string[]) =>
      renderHtml([
        {...pass, calibration: {...pass.calibration, fused: {statistic: 0.4, pValue: 0.38, detectors}}},
      ])
    expect(rankedBy(['patch_probes'])).toContain(
      'patch_probes alone is ranked among 100 other clean models: p = 0.38;',
    )
    expect(rankedBy(['patch_probes', 'class_agreement'])).toContain(
      'Taken together, patch_probes and class_agreement are ranked among 100',
    )
  })

  it('puts the verdict, the file, the target and what it rests on in words', () => {
    const text = textOf(renderHtml([fixtures.block]))

    expect(text).toMatch(/Block : examples\/teacher-poisoned\.safetensors Do not deploy this model/)
    expect(text).toContain('Suspected target class 0 speed limit 20')
    expect(text).toContain('badnet_grid → class 0 (speed limit 20)')
    expect(text).toMatch(/Student, vanilla 94\.3 % 4\.7 % – 88\.4 %/)
    expect(text).toMatch(/Student, with ABD \(Shuffling Vaccine\) 21\.9 % 4\.1 % 76\.8 % 84\.6 %/)
    expect(text).toMatch(/patch_probes suspicious Stamps 341 generic patterns/)
    expect(text).toContain('b8c2f1e6d3a49b7058fe2c6d1a90347bb52c81de9fa6634071cdae15b2930f8c')
    expect(text).toContain(
      'abd audit examples/teacher-poisoned.safetensors --profile standard --engine tensorflow --seed 0',
    )
    expect(text).toContain('What this audit cannot exclude')
  })

  it('tells when transfer was not tested, and does not speak of it where nothing was audited', () => {
    expect(textOf(renderHtml([fixtures.forwardOnly]))).toContain('Transfer was not tested.')
    expect(textOf(renderHtml([fixtures.truncated]))).not.toContain('Transfer was not tested.')
  })

  it('says what the transfer test took, and what nothing accounts for', () => {
    const text = textOf(renderHtml([fixtures.pass]))

    expect(text).toContain('transfer test 2 min 02 s')
    expect(text).toMatch(/everything else 1\d s/)
  })

  it('puts a dangerous file’s findings before the rest', () => {
    const text = textOf(renderHtml([fixtures.dangerous]))
    expect(text.indexOf('calls os.system')).toBeLessThan(text.indexOf('What this audit cannot exclude'))
    expect(text).toMatch(/critical archive\/data\.pkl calls os\.system\("curl … \| sh"\) ABD-F001 1,284/)
  })

  it('does not call a weak trigger one that works', () => {
    expect(textOf(renderHtml([fixtures.pass]))).toContain('The strongest triggers that were tried')
    expect(textOf(renderHtml([fixtures.review]))).toContain('Triggers that partly work')
    expect(textOf(renderHtml([fixtures.block]))).toContain('Triggers that work')
  })

  it('does not call a probe one that works where clean models are moved as far, and says how far', () => {
    const [one] = fixtures.block.demonstrations
    const probe = {
      ...one!,
      origin: 'probe',
      asr: 0.8,
      controlAsr: 0.1,
      clean: {usual: 0.6, most: 0.83},
    } as const
    const text = textOf(renderHtml([{...fixtures.block, verdict: 'review', demonstrations: [probe]}]))
    expect(text).toContain('Triggers that partly work')
    expect(text).toContain('such probes move clean models up to 83.0 %')
  })

  it('claims no comparison where there was nothing to compare with', () => {
    const text = textOf(renderHtml([fixtures.uncalibrated]))
    expect(text).toContain('Suspicious signals not ranked')
    expect(text).not.toMatch(/0 of 5|5 to 95 %/)
  })

  it('draws the band of clean models only beside classes that are measured on its scale', () => {
    const polygons = (report: Report) => renderHtml([report]).match(/fill="var\(--band\)"/g)?.length ?? 0
    const [first] = fixtures.pass.findings

    // patch_probes, maximum_margin and prediction_skew; last_layer's statistic is an outlier index over its classes.
    expect(polygons(fixtures.pass)).toBe(3)
    expect(polygons({...fixtures.pass, findings: [{...first!, statistic: 7}]})).toBe(0)
  })

  it('gives several files an overview with a link to each', () => {
    const page = renderHtml([fixtures.pass, fixtures.block, fixtures.truncated])

    expect(textOf(page)).toContain('Backdoor audit of 3 models')
    for (const [, id] of page.matchAll(/href="#(model-\d)"/g)) expect(page).toContain(`<h2 id="${id}"`)
    expect(page.match(/href="#model-/g)).toHaveLength(3)
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('links a paper only where its address is one to a page', () => {
    expect(renderHtml([fixtures.hostile])).not.toMatch(/href="javascript:/i)
    expect(renderHtml([fixtures.pass])).toContain('href="https://arxiv.org/abs/2205.06900"')
  })
})

describe('text from outside on the page', () => {
  const benign = skeleton(renderHtml([withTexts((place) => `word${place}`)]))

  it.each(Object.entries(attacks))('%s stays text', (_, attack) => {
    expect(skeleton(renderHtml([withTexts((place) => `word${place}${attack}`)]))).toBe(benign)
  })

  it('stays text whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({unit: 'binary'}),
        fc.constantFrom('', '<b onx=1>', '">', "'", '</svg>', ']]>', '-->', '{a|'),
        (text, attack) => {
          expect(skeleton(renderHtml([withTexts((place) => `word${place}${attack}${text}`)]))).toBe(benign)
        },
      ),
      {numRuns: 20},
    )
  })

  it('cannot hide: control and direction characters are spelt out', () => {
    const page = renderHtml([fixtures.hostile])
    expect(page).not.toMatch(
      // eslint-disable-next-line no-control-regex -- these are what must not get there
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/,
    )
    expect(page).toContain('safe\\u{202e}gnp.exe')
  })
})

/** What a reader without styles gets. */
const textOf = (page: string): string =>
  page
    .replace(/<style>[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>|<title>[\s\S]*?<\/title>/g, '')
    .replace(/<\/?(bdi|code|em|i|strong|time)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
