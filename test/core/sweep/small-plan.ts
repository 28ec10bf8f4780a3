import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expand} from '../../../src/sweep/expand.ts'
import {parsePlan} from '../../../src/sweep/read-plan.ts'
import {createSweep} from '../../../src/sweep/sweep-folder.ts'
import type {Sweep} from '../../../src/sweep/sweep-folder.ts'
import type {LocalOptions} from '../../../src/sweep/run-local.ts'

const program = fileURLToPath(new URL('../../fixtures/sweep/job.mjs', import.meta.url))

/** Two teachers, two methods, two seeds: ten jobs that take no time. */
export const smallPlan = (
  extra: {teacher?: string; student?: string; seeds?: string} = {},
): string => `version: 1
name: small
grid:
  trigger: [badnet_grid, sig]
  method: [ood, zskt]
seeds: ${extra.seeds ?? '[0, 1]'}
jobs:
  teacher:
    exec: ["${process.execPath}", "${program}", teacher, "{out}", "trigger={trigger}"${extra.teacher ?? ''}]
    outputs: [teacher.txt]
  student:
    needs: teacher
    exec: ["${process.execPath}", "${program}", student, "{out}", "{teacher}", "method={method}", "seed={seed}"${extra.student ?? ''}]
    curve: curve
`

export const jobsOf = (text: string) => expand(parsePlan(text, 'plan.yml').plan)

/** A folder of its own, with a plan in it, gone when it is disposed of. */
export function workplace(): Disposable & {
  readonly folder: string
  sweep(text?: string): Promise<Sweep>
} {
  const folder = mkdtempSync(join(tmpdir(), 'abd-sweep-'))
  return {
    folder,
    sweep(text = smallPlan()) {
      const path = join(folder, 'plan.yml')
      writeFileSync(path, text)
      const {plan} = parsePlan(text, path)
      return createSweep({path, text, plan, jobs: expand(plan)}, join(folder, 'out'))
    },
    [Symbol.dispose]: () => rmSync(folder, {recursive: true, force: true}),
  }
}

export const locally = (change: Partial<LocalOptions> = {}): LocalOptions => ({
  program: {node: process.execPath, arguments: []},
  signal: new AbortController().signal,
  environment: {},
  extraWords: () => [],
  now: () => Date.now(),
  capacity: {cores: 2, megabytes: 1e6, gpus: [], jobs: 2},
  pause: () => new Promise((resolve) => setTimeout(resolve, 20)),
  ...change,
})
