import {access, constants, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Report} from '../audit/report-schema.ts'
import {makeFolder} from '../make-folder.ts'
import {writeAtomic} from '../write-atomic.ts'
import {outputError} from './output-error.ts'
import {renderHtml} from './html/render-html.ts'
import {renderMarkdown} from './render-markdown.ts'
import {renderSarif} from './render-sarif.ts'

/**
 * Writes `report.json` (one file) or `1/report.json`, `2/report.json`, … (several), and for all of them `report.html`,
 * `report.md` and `report.sarif`; returns the paths. Every file appears whole or not at all. A `report.json` of an
 * earlier run that this one does not replace is removed first, so that nobody reads its verdict for this one's.
 * Throws E_OUT_UNWRITABLE or E_DISK_FULL (exit code 4).
 */
export async function writeReports(directory: string, reports: readonly Report[]): Promise<string[]> {
  const files = new Map<string, string>([
    ...reports.map((report, i): [string, string] => [
      reportPath(i, reports.length),
      `${JSON.stringify(report, null, 2)}\n`,
    ]),
    ['report.html', renderHtml(reports)],
    ['report.md', renderMarkdown(reports)],
    ['report.sarif', renderSarif(reports)],
  ])
  const written: string[] = []
  try {
    await removeStale(directory, reports.length)
    for (const [name, text] of files) {
      const path = join(directory, name)
      await writeAtomic(path, [text])
      written.push(path)
    }
  } catch (error) {
    throw outputError(error, directory)
  }
  return written
}

/** Makes a folder that results are gathered in, and sees that files can be made in it. Throws as `writeReports` does. */
export async function ensureWritable(directory: string): Promise<void> {
  try {
    await makeFolder(directory)
    await access(directory, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw outputError(error, directory)
  }
}

const reportPath = (index: number, count: number): string =>
  count === 1 ? 'report.json' : join(String(index + 1), 'report.json')

async function removeStale(directory: string, count: number): Promise<void> {
  if (count !== 1) await removeOurs(join(directory, 'report.json'))
  for (let n = count === 1 ? 1 : count + 1; await removeOurs(join(directory, String(n), 'report.json')); n++);
}

/** Removes a report of abd and nothing else; tells whether one was there. */
async function removeOurs(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => '')
  if (!/"tool":\s*\{\s*"name":\s*"abd"/.test(text)) return false
  await rm(path)
  return true
}
