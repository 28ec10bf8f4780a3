import {createHash} from 'node:crypto'
import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {Report} from '../../../src/audit/report-schema.ts'
import {makeFolder} from '../../../src/make-folder.ts'
import {writeAtomic} from '../../../src/write-atomic.ts'
import type {Copied} from './take-copy.ts'

/** Reports of earlier runs, each by all that its verdict rests on. */
export interface AuditCache {
  read(copied: Copied): Promise<Report | undefined>
  write(copied: Copied, report: Report): Promise<void>
}

export const noCache: AuditCache = {read: async () => undefined, write: async () => undefined}

export interface CacheOptions {
  readonly folder: string
  /** What decides a verdict beside the bytes of model and card: policy, plan, seed, engine, code and calibration. */
  readonly restsOn: unknown
  /** A pull request reads and never writes: it must not leave a verdict for what comes after it. */
  readonly writes: boolean
}

/** Bytes; a report with its pictures has some hundred kilobytes. */
const MOST = 32 * 2 ** 20

/**
 * A folder of reports. What is read is checked by schema and against the model's hash; errors are not kept, for they may be
 * the runner's. A folder that cannot be read or written is as an empty one.
 */
export function createAuditCache({folder, restsOn, writes}: CacheOptions): AuditCache {
  const fileOf = (copied: Copied) => {
    const key = JSON.stringify([1, copied.sha256, copied.cards, restsOn])
    return join(folder, `${createHash('sha256').update(key).digest('hex')}.json`)
  }
  return {
    async read(copied) {
      try {
        const path = fileOf(copied)
        if ((await stat(path)).size > MOST) return undefined
        const report = Report.parse(JSON.parse(await readFile(path, 'utf8')))
        return report.model.sha256 === copied.sha256 && report.verdict !== 'error' ? report : undefined
      } catch {
        return undefined
      }
    },
    async write(copied, report) {
      if (!writes || report.verdict === 'error' || report.verdict === 'skipped') return
      try {
        await makeFolder(folder)
        await writeAtomic(fileOf(copied), [JSON.stringify(report)])
      } catch {
        // The next run audits again.
      }
    },
  }
}
