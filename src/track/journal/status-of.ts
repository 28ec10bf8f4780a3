import {existsSync} from 'node:fs'
import {isGone} from '../../holder.ts'
import {readCursor, readHeader, within} from './folder.ts'
import {readOperations} from './read-operations.ts'

export interface JournalStatus {
  readonly name: string
  readonly experiment: string
  readonly startTime: number
  readonly folder: string
  /** `writing`: the job runs. `abandoned`: it died without a word. */
  readonly state: 'writing' | 'abandoned' | 'FINISHED' | 'FAILED' | 'KILLED'
  readonly lines: number
  /** Lines that are not on that server. */
  readonly waiting: number
  readonly refused: number
  readonly runId: string | null
  readonly isChild: boolean
}

/** Where a journal is, seen from one server; all of it waits where there is none. */
export async function statusOf(folder: string, uri: string | undefined): Promise<JournalStatus> {
  const header = await readHeader(folder)
  const cursor = uri === undefined ? undefined : await readCursor(folder, uri)
  const {operations} = within(folder)
  let lines = 0
  let waiting = 0
  let end: JournalStatus['state'] | undefined
  if (existsSync(operations))
    for await (const line of readOperations(operations)) {
      lines++
      if (line.end > (cursor?.done ?? 0)) waiting++
      if (line.operation?.op === 'end') end = line.operation.status
    }
  return {
    name: header.name,
    experiment: header.experimentId ?? header.experimentName,
    startTime: header.startTime,
    folder,
    state: end ?? (isGone(header.writer) ? 'abandoned' : 'writing'),
    lines,
    waiting,
    refused: cursor?.refused ?? 0,
    runId: cursor?.runId ?? header.runId ?? null,
    isChild: header.parent !== undefined,
  }
}
