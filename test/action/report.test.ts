import {expect, it} from 'vitest'
import {annotationsOf} from '../../action/src/report/annotations.ts'
import {fitMarkdown} from '../../action/src/report/fit-markdown.ts'
import {pictureOf} from '../../action/src/report/picture.ts'
import {markerOf} from '../../action/src/report/sticky-comment.ts'
import {safeLine} from '../../action/src/safe-line.ts'
import {isRed, overallVerdict} from '../../action/src/verdict.ts'
import {fixtures} from '../fixtures/reports/index.ts'

const {block, pass, review, hostile} = fixtures
const error = {...pass, verdict: 'error' as const}
const inputs = {'fail-on': 'block', 'on-error': 'fail', 'no-models': 'pass'} as const

it('says one verdict for all models: the worst', () => {
  expect(overallVerdict([pass, review, error, block])).toBe('block')
  expect(overallVerdict([pass, review, error])).toBe('error')
  expect(overallVerdict([pass, review])).toBe('review')
  expect(overallVerdict([pass])).toBe('pass')
  expect(overallVerdict([])).toBe('skipped')
})

it.each([
  [[block], {}, true],
  [[block], {'fail-on': 'never'}, false],
  [[review], {}, false],
  [[review], {'fail-on': 'review'}, true],
  [[error], {}, true],
  [[error], {'on-error': 'warn'}, false],
  [[error, block], {'on-error': 'warn'}, true],
  [[], {}, false],
  [[], {'no-models': 'fail'}, true],
  [[pass], {'fail-on': 'review', 'no-models': 'fail'}, false],
] as const)('is red by what was asked for: %#', (reports, asked, red) => {
  expect(isRed(reports, {...inputs, ...asked})).toBe(red)
})

const manyWith = (count: number) => {
  const path = `models/${'long-name-'.repeat(10)}`
  return [
    ...Array.from({length: count}, (_, i) => ({...pass, model: {...pass.model, path: `${path}${i}.pt`}})),
    block,
  ]
}

it('fits 200 models into a comment, the worst first', () => {
  const text = fitMarkdown(manyWith(199))

  expect(text.length).toBeLessThan(65_000)
  expect(text).toContain('1 block, 199 pass')
  expect(text).toMatch(/_\d+ more reports did not fit: see report\.html\._/)
  expect(text.indexOf('**Block**')).toBeLessThan(text.indexOf('**Pass**'))
})

it('says how many models are left out where not even the table fits', () => {
  const text = fitMarkdown(manyWith(999))

  expect(text.length).toBeLessThan(65_000)
  expect(text).toContain('Backdoor audit of 1000 models')
  expect(text).toMatch(/The \d+ worst are shown; \d+ more are in report\.html/)
  expect(text).toContain('**Block**')
})

it('keeps within the annotations that GitHub shows', () => {
  const all = annotationsOf(Array.from({length: 200}, () => block))
  expect(all).toHaveLength(9)
  expect(all.at(-1)!.message).toBe('192 more models: see the job summary and report.html.')
  expect(annotationsOf([pass])).toEqual([])
})

it('puts no file beside an annotation whose name is not what it looks like', () => {
  const files = ['models/a.pt', 'a\n::error::x.pt', 'b##[error].pt', 'c\u202etp.pt'].map(
    (path) => annotationsOf([{...block, model: {...block.model, path}}])[0]!.file,
  )
  expect(files).toEqual(['models/a.pt', undefined, undefined, undefined])
})

it('draws numbers alone', () => {
  expect(pictureOf([hostile, pass])).toMatch(/x-axis \["model 1", "model 2"\]/)
  expect(pictureOf([hostile])).not.toMatch(/evil|script/)
  expect(pictureOf([{...pass, demonstrations: []}])).toBe('')
})

it('draws what was measured where no trigger does more than its controls', () => {
  const [one] = block.demonstrations
  const picture = pictureOf([
    block,
    {
      ...pass,
      demonstrations: [
        {...one!, asr: 0.3, controlAsr: 0.5},
        {...one!, asr: 0.25, controlAsr: 0.4},
      ],
    },
  ])
  expect(picture).toMatch(/bar \[[\d.]+, 25\.0\]/)
  expect(picture).toMatch(/line \[[\d.]+, 40\.0\]/)
})

it('keeps hostile text to one line that no runner obeys', () => {
  const text = safeLine('a\n::error::x\r##[error]y\u202e\u001b[31m')
  expect(text).toBe('a ::error::x # #[error]y\\u{202e}\\u{1b}[31m')
})

it('marks the comments of two gates apart', () => {
  expect(markerOf(['audit', 'gate', '1/1'])).not.toBe(markerOf(['audit', 'gate', '1/2']))
})
