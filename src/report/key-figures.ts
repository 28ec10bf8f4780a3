import type {Demonstration, Report} from '../audit/report-schema.ts'
import type {TransferGroup, TransferRow} from './transfer-groups.ts'
import {transferGroups} from './transfer-groups.ts'

/** The strongest transfer: its vanilla student, and the defended one beside it where there is one. */
export function strongestTransfer(
  report: Report,
): {group: TransferGroup; vanilla: TransferRow; defended: TransferRow | undefined} | undefined {
  for (const group of transferGroups(report.transfer)) {
    const vanilla = group.students.find(({defence}) => defence === null)
    if (vanilla) return {group, vanilla, defended: group.students.find(({defence}) => defence !== null)}
  }
  return undefined
}

/** Seconds neither a signal nor the transfer test accounts for: loading, images, triggers on the task's images. */
export const otherSeconds = ({seconds, findings, transferSeconds = 0}: Report): number =>
  Math.max(0, seconds - transferSeconds - findings.reduce((sum, finding) => sum + finding.seconds, 0))

export const originWords: Readonly<Record<Demonstration['origin'], string>> = {
  known: 'A trigger known from the literature',
  given: 'A trigger you gave',
  probe: 'A generic probe',
  wave: 'A wave that was tried, its neighbours in frequency among the controls',
  inverted: 'A trigger recovered from the model',
}

export const onWords: Readonly<Record<Demonstration['on'], string>> = {
  teacher: 'the teacher',
  student: 'a student distilled without defence',
  'student+abd': 'a student distilled with ABD',
}
