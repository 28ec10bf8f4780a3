import {mkdir, realpath, rm, writeFile} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import type {Report} from '../../../src/audit/report-schema.ts'
import {usageError} from '../../../src/errors.ts'
import {writeAtomic} from '../../../src/write-atomic.ts'
import {nearest, within} from '../within.ts'
import {PART} from './parts.ts'
import type {Part} from './parts.ts'

export interface WrittenFiles {
  readonly folder: string
  readonly sarif: string
  readonly markdown: string
}

/**
 * report.html, report.md, report.sarif and report.json (of several models n/report.json) in a folder for an upload, and
 * part.json for the job that puts the parts of a matrix together.
 */
export async function writeFiles(
  folder: string,
  reports: readonly Report[],
  part: Part,
): Promise<WrittenFiles> {
  const {writeReports} = await import('../../../src/report/write-reports.ts')
  await writeReports(folder, reports)
  await writeAtomic(join(folder, PART), [JSON.stringify(part)])
  return {folder, sarif: join(folder, 'report.sarif'), markdown: join(folder, 'report.md')}
}

/** A copy of the SARIF file where the workflow wants it: within the workspace, and not through a link out of it. */
export async function writeSarifFile(path: string, workspace: string, text: string): Promise<string> {
  const target = resolve(workspace, path)
  const refused = () =>
    usageError({
      code: 'E_INPUT',
      message: `sarif-file lies outside the workspace.`,
      hints: ['Name a path in it.'],
    })
  if (target === resolve(workspace) || !within(resolve(workspace), target)) throw refused()
  // Folders are made only where those that are there do not lead out.
  if (!within(await realpath(workspace), await nearest(dirname(target)))) throw refused()
  await mkdir(dirname(target), {recursive: true})
  // A file of that name may be the pull request's: a link, or a report that says what its author likes.
  await rm(target, {force: true})
  await writeFile(target, text, {flag: 'wx'})
  return target
}
