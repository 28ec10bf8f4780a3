import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {writeOutputs} from '../../report/write-outputs.ts'
import type {Program} from '../attempt-job.ts'
import {within} from '../sweep-folder.ts'
import type {Sweep} from '../sweep-folder.ts'
import type {JobArray} from './arrays.ts'
import {jobScript} from './job-script.ts'

export interface Scripts {
  /** Paths by the names of their arrays. */
  readonly paths: ReadonlyMap<string, string>
  /** Those that somebody changed, and that stay as they are. */
  readonly edited: readonly string[]
}

/** Writes a job script for each array, but over none that was edited. Throws E_OUT_UNWRITABLE and E_DISK_FULL. */
export async function writeScripts(
  sweep: Sweep,
  arrays: readonly JobArray[],
  options: {readonly program: Program; readonly extraWords: readonly string[]},
): Promise<Scripts> {
  const folder = within(sweep.folder).slurm
  const record = join(folder, 'written.json')
  const written = JSON.parse(await readFile(record, 'utf8').catch(() => '{}')) as Record<string, string>
  const edited: string[] = []
  const texts: Record<string, string> = {}
  for (const array of arrays) {
    const file = `${array.name}.sbatch`
    const there = await readFile(join(folder, file), 'utf8').catch(() => undefined)
    if (there !== undefined && hashOf(there) !== written[file]) edited.push(join(folder, file))
    else texts[file] = jobScript(sweep, array, options)
  }
  const hashes = Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, hashOf(text)]))
  // The record first: a script that it does not know counts as edited.
  await writeOutputs(folder, {
    'written.json': `${JSON.stringify({...written, ...hashes}, null, 1)}\n`,
    ...texts,
  })
  return {paths: new Map(arrays.map(({name}) => [name, join(folder, `${name}.sbatch`)])), edited}
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
