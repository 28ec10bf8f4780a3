import type {Report} from '../../../src/audit/report-schema.ts'
import {renderMarkdown} from '../../../src/report/render-markdown.ts'
import {worstFirst} from '../verdict.ts'

/** GitHub cuts a comment off at 65 536 characters and refuses a summary over 1 MiB; what is fit for one is for both. */
const MOST_CHARACTERS = 64_000

/** The reports in Markdown, the worst first; of too many models the worst that fit, and how many are left out. */
export function fitMarkdown(reports: readonly Report[], most = MOST_CHARACTERS): string {
  const rank = ({verdict}: Report) => worstFirst.indexOf(verdict)
  const sorted = [...reports].sort((a, b) => rank(a) - rank(b))
  for (let shown = sorted.length; ; shown = Math.floor(shown * 0.8)) {
    const left = sorted.length - shown
    const text = renderMarkdown(sorted.slice(0, shown))
    const whole =
      left === 0
        ? text
        : `## Backdoor audit of ${sorted.length} models\n\n_The ${shown} worst are shown; ${left} more are in report.html._\n\n${text}`
    if (whole.length <= most || shown === 0) return whole
  }
}
