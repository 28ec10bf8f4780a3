import type {Policy} from '../audit/policy.ts'
import {AbdError} from '../errors.ts'
import {readAndScan} from '../modelfile/read-model-file.ts'
import type {ScanFinding} from '../modelfile/scan-finding.ts'
import {VERSION} from '../version.ts'
import {SCAN_SCHEMA_VERSION, type Scan} from './scan-schema.ts'

export interface ScanOptions {
  readonly policy: Policy
  /** Parse in a process without rights; the default is yes. */
  readonly isolate?: boolean
  readonly signal?: AbortSignal
  /** In seconds. */
  readonly clock: () => number
}

/**
 * Scans one file: `block` and `review` by the policy's severities, `error` for what is broken, missing or of no format
 * that abd knows, `pass` else. No engine is needed, and nothing in the file is executed. Throws only when interrupted,
 * and for bugs.
 */
export async function scanFile(path: string, options: ScanOptions): Promise<Scan> {
  const {policy, isolate, signal, clock} = options
  const began = clock()
  const base = {
    schemaVersion: SCAN_SCHEMA_VERSION,
    tool: {name: 'abd' as const, version: VERSION},
    advice: [] as string[],
  } as const
  try {
    const file = await readAndScan(path, {
      ...(isolate === undefined ? {} : {isolate}),
      ...(signal && {signal}),
    })
    const {format, bytes, sha256, refusal} = file
    return {
      ...base,
      model: {path, sha256, bytes, format},
      ...judged(file.scan, policy),
      advice: refusal ? [refusal.message, ...refusal.hints] : [],
      readable: !refusal && file.stateDict.size > 0,
      scan: [...file.scan],
      seconds: clock() - began,
    }
  } catch (error) {
    if (!(error instanceof AbdError) || signal?.aborted) throw error
    return {
      ...base,
      model: {path, sha256: null, bytes: null, format: null},
      verdict: 'error',
      reasons: [error.message],
      advice: [...error.hints],
      readable: false,
      scan: [],
      seconds: clock() - began,
    }
  }
}

function judged(scan: readonly ScanFinding[], policy: Policy): Pick<Scan, 'verdict' | 'reasons'> {
  const reasonsOf = (severities: readonly ScanFinding['severity'][]) =>
    scan
      .filter(({severity}) => severities.includes(severity))
      .map(({rule, message}) => `${rule}: ${message}.`)
  const block = reasonsOf(policy.scan.block)
  if (block.length > 0) return {verdict: 'block', reasons: block}
  const review = reasonsOf(policy.scan.review)
  return review.length > 0 ? {verdict: 'review', reasons: review} : {verdict: 'pass', reasons: []}
}
