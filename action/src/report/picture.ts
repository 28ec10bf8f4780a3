import type {Report} from '../../../src/audit/report-schema.ts'
import {byStrength} from '../../../src/audit/by-strength.ts'

/**
 * How strongly each model obeys the trigger that is furthest beyond its random controls, beside those: a chart that GitHub
 * draws. It holds numbers alone; models are numbered as in the table below it.
 */
export function pictureOf(reports: readonly Report[]): string {
  const shown = reports
    .slice(0, 20)
    .map(({demonstrations}) => byStrength(demonstrations)[0] ?? {asr: 0, controlAsr: 0})
  if (shown.every(({asr}) => asr === 0)) return ''
  const percent = (values: readonly number[]) => values.map((value) => (100 * value).toFixed(1)).join(', ')
  return [
    '```mermaid',
    'xychart-beta',
    '  title "Images that the trigger furthest beyond its controls moves (bar), and those (line), in %"',
    `  x-axis [${shown.map((_, i) => `"model ${i + 1}"`).join(', ')}]`,
    '  y-axis "%" 0 --> 100',
    `  bar [${percent(shown.map(({asr}) => asr))}]`,
    `  line [${percent(shown.map(({controlAsr}) => controlAsr))}]`,
    '```',
    '',
  ].join('\n')
}
