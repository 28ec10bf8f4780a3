import type {ScanFinding} from './scan-finding.ts'
import {finding} from './scan-rules.ts'

/** Findings, each message of a rule once, at its first place. */
export interface FindingList {
  readonly all: readonly ScanFinding[]
  add(found: ScanFinding): void
}

/** `limit` is per severity: however many harmless findings a file provokes, they crowd out no dangerous one. */
export function createFindingList(limit: number): FindingList {
  const all: ScanFinding[] = []
  const known = new Set<string>()
  const counts = new Map<string, number>()
  return {
    all,
    add(found) {
      const key = `${found.rule} ${found.message}`
      const count = counts.get(found.severity) ?? 0
      if (known.has(key) || count > limit) return
      counts.set(found.severity, count + 1)
      known.add(key)
      all.push(
        count < limit
          ? found
          : finding('tooManyFindings', `more than ${limit} findings are ${found.severity}`, null),
      )
    },
  }
}
