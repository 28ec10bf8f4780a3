import type {Report} from '../audit/report-schema.ts'
import {writeAtomic} from '../write-atomic.ts'
import {renderHtml} from './html/render-html.ts'
import {renderMarkdown} from './render-markdown.ts'
import {renderSarif} from './render-sarif.ts'
import type {TextOptions} from './render-text.ts'
import {renderText} from './render-text.ts'
import {outputError} from './output-error.ts'

export const reportFormats = ['text', 'html', 'markdown', 'sarif', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

/** The reports in one of the formats; `options` are for text alone. JSON is one document for one report, an array for several. */
export function render(reports: readonly Report[], format: ReportFormat, options: TextOptions): string {
  switch (format) {
    case 'text':
      return renderText(reports, options)
    case 'html':
      return renderHtml(reports)
    case 'markdown':
      return renderMarkdown(reports)
    case 'sarif':
      return renderSarif(reports)
    case 'json':
      return `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`
  }
}

/** Writes one rendered report, whole or not at all. Throws E_OUT_UNWRITABLE or E_DISK_FULL (exit code 4). */
export async function writeRendered(path: string, text: string): Promise<void> {
  try {
    await writeAtomic(path, [text])
  } catch (error) {
    throw outputError(error, path)
  }
}
