import type {Transfer} from '../audit/report-schema.ts'

export interface TransferRow extends Transfer {
  /**
   * Share of the vanilla student's ASR that the defence took away, at most 1 (below 0: it grew). Null for vanilla itself,
   * without one, where the two obey towards different classes, and where the trigger does no more to vanilla than random
   * controls do, so that there is nothing to take.
   */
  readonly reduction: number | null
}

/** The students of one distiller, probed with one trigger: vanilla first, then with each defence. */
export interface TransferGroup {
  readonly distiller: string
  readonly trigger: string
  /** The class it moves images into, or null where that differs between the students. */
  readonly target: number | null
  readonly teacherAsr: number
  readonly teacherControlAsr: number | null
  readonly students: readonly TransferRow[]
}

/** Groups what is compared with each other; the trigger that crossed most comes first. */
export function transferGroups(transfer: readonly Transfer[]): readonly TransferGroup[] {
  const byKey = Map.groupBy(transfer, ({distiller, trigger}) => JSON.stringify([distiller, trigger]))
  return [...byKey.values()].map((rows) => groupOf(rows)).sort((a, b) => strongest(b) - strongest(a))
}

const strongest = ({students}: TransferGroup) => Math.max(...students.map(({studentAsr}) => studentAsr))

function groupOf(rows: readonly Transfer[]): TransferGroup {
  const vanilla = rows.find(({defence}) => defence === null)
  const students = rows
    .map((row) => ({...row, reduction: reductionOf(row, vanilla)}))
    .sort((a, b) => Number(a.defence !== null) - Number(b.defence !== null))
  const {distiller, trigger, target, teacherAsr, teacherControlAsr = null} = vanilla ?? rows[0]!
  const common = rows.every((row) => row.target === target) ? target : null
  return {distiller, trigger, target: common, teacherAsr, teacherControlAsr, students}
}

const reductionOf = (row: Transfer, vanilla: Transfer | undefined): number | null =>
  row.defence === null || row.target !== vanilla?.target || vanilla.studentAsr - vanilla.controlAsr < 0.05
    ? null
    : 1 - row.studentAsr / vanilla.studentAsr

const defences: Readonly<Record<string, string>> = {abd: 'ABD', shuffling_vaccine: 'ABD (Shuffling Vaccine)'}

/** `vanilla`, or `with ABD`. */
export const studentName = ({defence}: Pick<Transfer, 'defence'>): string =>
  defence === null ? 'vanilla' : `with ${(Object.hasOwn(defences, defence) && defences[defence]) || defence}`
