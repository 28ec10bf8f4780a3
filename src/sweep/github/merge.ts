import {existsSync} from 'node:fs'
import {appendFile, cp, readFile, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {environmentError} from '../../errors.ts'
import {outputError} from '../../report/output-error.ts'
import {readResult, writeResult} from '../job-result.ts'
import {idsIn, within} from '../sweep-folder.ts'
import type {Sweep} from '../sweep-folder.ts'

export interface Merged {
  /** Names of jobs whose results came with it. */
  readonly results: readonly string[]
  /** Of those that are here already with other figures; these stay. */
  readonly different: readonly string[]
  /** Results of jobs that the plan does not have. */
  readonly unknown: number
}

/**
 * Brings together what other machines found: copies of the sweep's folder, or folders of such copies, as they come from
 * artifacts. Files first, results last: what is here as a result is here whole. Throws E_SWEEP_MERGE for a folder that is no
 * copy, E_SWEEP_RESULT, E_OUT_UNWRITABLE and E_DISK_FULL.
 */
export async function mergeSweeps(sweep: Sweep, folders: readonly string[]): Promise<Merged> {
  const copies = (await Promise.all(folders.map(copiesIn))).flat()
  const results: string[] = []
  const different: string[] = []
  let unknown = 0
  for (const copy of copies) {
    for (const job of sweep.jobs) await takeFiles(sweep, copy, job)
    for (const id of await idsIn(within(copy).results, '.json')) {
      const result = await readResult(copy, id)
      const job = sweep.byId.get(id)
      if (!job || !result) {
        unknown++
        continue
      }
      const own = await readResult(sweep.folder, id)
      if (!own) {
        await writeResult(sweep.folder, result)
        results.push(job.name)
      } else if (JSON.stringify(own.values) !== JSON.stringify(result.values)) different.push(job.name)
    }
  }
  return {results, different, unknown}
}

async function copiesIn(folder: string): Promise<readonly string[]> {
  const isCopy = (path: string) => existsSync(within(path).jobs)
  if (isCopy(folder)) return [folder]
  const inside = await readdir(folder, {withFileTypes: true}).catch((error: NodeJS.ErrnoException) => {
    throw mergeError(folder, error.code === 'ENOENT' ? 'there is no such folder' : error.message)
  })
  const copies = inside
    .filter((entry) => entry.isDirectory())
    .map(({name}) => join(folder, name))
    .filter(isCopy)
  if (copies.length === 0) throw mergeError(folder, 'it has no sweep.json, nor has a folder in it')
  return copies
}

const mergeError = (folder: string, why: string) =>
  environmentError({
    code: 'E_SWEEP_MERGE',
    message: `${folder} is no copy of a sweep's folder: ${why}.`,
    hints: ['Give what was uploaded of it: abd sweep merge DIR ARTIFACTS'],
  })

/** A job's files, checkpoints among them, where there are none of it; and what its journal has to tell. */
async function takeFiles(sweep: Sweep, copy: string, job: Sweep['jobs'][number]): Promise<void> {
  const here = within(sweep.folder)
  const there = within(copy)
  const [from, to] = [there.job(job), here.job(job)]
  try {
    if (existsSync(from) && !existsSync(here.result(job.id)))
      await cp(from, to, {recursive: true, force: true, verbatimSymlinks: true})
    if (!existsSync(there.journal(job.id))) return
    const lines = (await readFile(there.journal(job.id), 'utf8')).split('\n')
    const known = new Set((await readFile(here.journal(job.id), 'utf8').catch(() => '')).split('\n'))
    const fresh = lines.filter((line) => line !== '' && !known.has(line))
    if (fresh.length > 0) await appendFile(here.journal(job.id), `${fresh.join('\n')}\n`)
  } catch (error) {
    throw outputError(error, to)
  }
}
