import {existsSync} from 'node:fs'
import {open, truncate} from 'node:fs/promises'
import {isGone} from '../../holder.ts'
import {within} from './folder.ts'
import type {Header, Operation} from './operations.ts'
import {readOperations} from './read-operations.ts'
import {tryLock} from './try-lock.ts'

/**
 * A job that was killed could not say so: its run ends as KILLED, at the time of the last thing that it recorded. A line
 * that it had written half of is cut off.
 */
export async function closeAbandoned(folder: string, header: Header, now: number): Promise<void> {
  const files = within(folder)
  if (!isGone(header.writer)) return
  await tryLock(files.lock, async () => {
    let last = header.startTime
    let whole = 0
    if (existsSync(files.operations))
      for await (const {operation, end} of readOperations(files.operations)) {
        if (operation?.op === 'end') return
        if (operation && 'at' in operation) last = operation.at
        whole = end
      }
    const line: Operation = {op: 'end', at: Math.min(last, now), status: 'KILLED'}
    if (existsSync(files.operations)) await truncate(files.operations, whole)
    await using file = await open(files.operations, 'a')
    await file.writeFile(`${JSON.stringify(line)}\n`)
    await file.sync()
  })
}
