import {join} from 'node:path'
import type {Program} from '../attempt-job.ts'
import {shellWord} from '../../shell-word.ts'
import {within} from '../sweep-folder.ts'
import type {Sweep} from '../sweep-folder.ts'
import {listFile} from './arrays.ts'
import type {JobArray} from './arrays.ts'

/** Minutes for a job that was asked to end at its budget: for its checkpoint. */
const MARGIN = 2

/** What sbatch is given: to be read, and edited where a cluster wants it. Of an array that has jobs of the plan. */
export function jobScript(
  sweep: Sweep,
  {name, ids}: JobArray,
  {program, extraWords}: {readonly program: Program; readonly extraWords: readonly string[]},
): string {
  const {slurm} = sweep.plan
  // Jobs of one stage have one budget, but for those that the plan has no longer.
  const {budget} = ids.flatMap((id) => sweep.byId.get(id) ?? [])[0]!
  const folder = within(sweep.folder).slurm
  const options = [
    `--cpus-per-task=${budget.cores}`,
    `--mem=${budget.megabytes}M`,
    ...(budget.seconds === null ? [] : [`--time=${Math.ceil(budget.seconds / 60) + MARGIN}`]),
    ...(budget.gpus > 0 ? [`--gres=gpu:${budget.gpus}`] : []),
    ...(slurm.partition === undefined ? [] : [`--partition=${slurm.partition}`]),
    ...(slurm.account === undefined ? [] : [`--account=${slurm.account}`]),
    ...(slurm.qos === undefined ? [] : [`--qos=${slurm.qos}`]),
    // A job that is requeued, preempted or on a node that fails goes on from its checkpoint.
    '--open-mode=append',
    '--requeue',
    '--signal=B:TERM@60',
    ...slurm.options,
  ]
  const command = [program.node, ...program.arguments, 'sweep', 'job', sweep.folder]
  return [
    '#!/bin/bash',
    `# Jobs of the sweep ${sweep.name}: line n + 1 of ${listFile(name)} is the one of task n. Change what you like here:`,
    '# abd submits it as it is, with --array, --dependency, --job-name and --output, and does not write over it.',
    ...options.map((option) => `#SBATCH ${option}`),
    '',
    'set -eu',
    ...slurm.setup,
    `job=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${shellWord(join(folder, listFile(name)))})`,
    // In place of the shell, so that Slurm's signals reach it.
    `exec ${command.map(shellWord).join(' ')} "$job"${extraWords.map((word) => ` ${shellWord(word)}`).join('')}`,
    '',
  ].join('\n')
}
