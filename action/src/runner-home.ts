import {readlink, stat} from 'node:fs/promises'
import {dirname, isAbsolute, join} from 'node:path'

/** What the runner's own program keeps in its folder; whoever reads the first may take jobs in its name. */
const marks = ['.credentials', '.credentials_rsaparams', '.runner']

/**
 * The folders of the runner's own program, which may lie outside HOME (`/opt/actions-runner`): those above what it has started
 * (`externals/node24/bin/node`) or made for this job (`_work/…`) that hold its credentials or settings.
 */
export async function runnerHome(started: readonly (string | undefined)[]): Promise<string[]> {
  const parent = await readlink(`/proc/${process.ppid}/exe`).catch(() => undefined)
  const above = new Set<string>()
  for (const path of [...started, parent])
    if (path && isAbsolute(path))
      for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) above.add(folder)
  const found = await Promise.all(
    [...above].map(async (folder) => {
      const there = await Promise.all(
        marks.map((name) =>
          stat(join(folder, name)).then(
            () => true,
            // What may not be looked at is there.
            (error: NodeJS.ErrnoException) => error.code === 'EACCES',
          ),
        ),
      )
      return there.includes(true) ? [folder] : []
    }),
  )
  return found.flat()
}
