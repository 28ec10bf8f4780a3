import {createHash} from 'node:crypto'
import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {Report} from '../../../src/audit/report-schema.ts'
import {makeFolder} from '../../../src/make-folder.ts'
import {writeAtomic} from '../../../src/write-atomic.ts'
import type {Copied} from './take-copy.ts'

/** What was audited; the hash is of the model with the files that hold its weights. */
export interface Audited extends Copied {
  /** A scan minds one that says something else than the content. */
  readonly extension: string
}

/** Reports of earlier runs, each by all that its verdict rests on. */
export interface AuditCache {
  read(audited: Audited): Promise<Report | undefined>
  write(audited: Audited, report: Report): Promise<void>
}

export const noCache: AuditCache = {read: async () => undefined, write: async () => undefined}

export interface CacheOptions {
  readonly folder: string
  /** What decides a verdict beside the bytes of model and card: policy, plan, seed, engine, code and calibration. */
  readonly restsOn: unknown
  /**
   * False for what is not merged yet: it writes nothing, for it must not leave a verdict for what comes after it, and it believes
   * a block alone, for a workflow of an earlier push of its own may have written what it reads.
   */
  readonly merged: boolean
}

/** Bytes; a report with its pictures has some hundred kilobytes. */
const MOST = 32 * 2 ** 20

/**
 * A folder of reports. What is read is checked by schema and against the model's hash; errors are not kept, for they may be
 * the runner's. A folder that cannot be read or written is as an empty one.
 */
export function createAuditCache({folder, restsOn, merged}: CacheOptions): AuditCache {
  const fileOf = (audited: Audited) => {
    const key = JSON.stringify([2, audited.sha256, audited.extension, audited.cards, restsOn])
    return join(folder, `${createHash('sha256').update(key).digest('hex')}.json`)
  }
  return {
    async read(audited) {
      try {
        const path = fileOf(audited)
        if ((await stat(path)).size > MOST) return undefined
        const report = Report.parse(JSON.parse(await readFile(path, 'utf8')))
        const believed = merged ? report.verdict !== 'error' : report.verdict === 'block'
        return believed && report.model.sha256 === audited.sha256 ? report : undefined
      } catch {
        return undefined
      }
    },
    async write(audited, report) {
      if (!merged || report.verdict === 'error' || report.verdict === 'skipped') return
      try {
        await makeFolder(folder)
        await writeAtomic(fileOf(audited), [JSON.stringify(report)])
      } catch {
        // The next run audits again.
      }
    },
  }
}
