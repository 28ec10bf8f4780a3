import {writeOutputs} from '../report/write-outputs.ts'
import type {Sweep} from './sweep-folder.ts'

/** Leaves word for all who run its jobs. Throws E_OUT_UNWRITABLE and E_DISK_FULL. */
export async function cancelSweep({folder}: Sweep, at: Date): Promise<void> {
  await writeOutputs(folder, {cancelled: `${at.toISOString()}\n`})
}
