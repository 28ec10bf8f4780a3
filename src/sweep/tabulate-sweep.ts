import type {Sweep} from './sweep-folder.ts'
import type {Tabulated} from './tables/write-tables.ts'

/** `writeTables` of tables/, with the charts' library loaded only where there is something to draw. */
export async function tabulateSweep(sweep: Sweep): Promise<Tabulated> {
  const {writeTables} = await import('./tables/write-tables.ts')
  return writeTables(sweep)
}
