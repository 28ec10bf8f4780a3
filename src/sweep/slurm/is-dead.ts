import {hostname} from 'node:os'
import {isGone} from '../../holder.ts'
import {readEvents} from '../job-journal.ts'
import type {Sweep} from '../sweep-folder.ts'
import {entryOf} from './queue.ts'
import {slurmTool} from './slurm-tool.ts'

/**
 * Is the process that holds a job's lock surely gone? On another node nobody sees it, but Slurm knows: what it has started
 * again under the same number, or runs no longer, has ended there.
 */
export async function isDeadOnSlurm(
  holder: string,
  {sweep, id, slurm}: {readonly sweep: Sweep; readonly id: string; readonly slurm: string},
): Promise<boolean> {
  if (isGone(holder)) return true
  if (holder.split(' ')[1] === hostname()) return false
  const last = readEvents(sweep.folder, id).findLast(({event}) => event === 'started')
  if (last?.slurm === undefined) return false
  if (last.slurm === slurm) return true
  const state = await slurmTool('squeue', [
    ...['--noheader', '--states=all', '--format=%T', `--jobs=${last.slurm}`],
  ]).catch((error: Error) => (error.message.includes('Invalid job id') ? 'COMPLETED' : 'RUNNING'))
  return state.trim() === '' || entryOf(state.trim(), {node: '', reason: ''}).state !== 'running'
}
