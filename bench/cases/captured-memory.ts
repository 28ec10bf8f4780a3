import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import type {Case, Figures} from '../case.ts'

interface Memory {
  /** After each quarter of the steps, and when graphs and engine have been let go of. */
  readonly seen: readonly {readonly rss: number; readonly native: number; readonly graphs: number}[]
  /** The most that was resident, in MB. */
  readonly peak: number
}

const [FEW, MANY] = [50, 2000] as const

/** Steps of OOD distillation in a process that does nothing else. */
function memoryOf(mode: 'captured' | 'eager', size: 'tiny' | 'wrn-16-1', steps: number): Memory {
  const script = fileURLToPath(new URL('../../test/core/engine/steps-in-memory.ts', import.meta.url))
  // Node's own heap, left alone, grows while it finds its size.
  const heap = size === 'tiny' ? ['--max-old-space-size=48', '--max-semi-space-size=2'] : []
  const child = spawnSync(
    process.execPath,
    ['--conditions=@abd/source', ...heap, script, mode, size, String(steps)],
    {encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']},
  )
  if (child.status !== 0) throw new Error(`The ${mode} steps ended with ${child.status ?? child.signal}.`)
  return JSON.parse(child.stdout) as Memory
}

const inAChild = (told: Omit<Case, 'unit' | 'better' | 'setUp'>, measure: () => Figures): Case => ({
  ...told,
  unit: 'MB',
  better: 'smaller',
  setUp: () => Promise.resolve({run: () => Promise.resolve(measure()), tearDown: () => Promise.resolve()}),
})

export const capturedMemory: readonly Case[] = [
  inAChild(
    {
      name: 'captured-memory',
      summary: `Peak memory of ${FEW} captured steps of OOD distillation beyond the same ones operation by operation (WRN-16-1, batch 64)`,
      target: 300,
      runs: 3,
    },
    () => {
      const {peak: captured, seen} = memoryOf('captured', 'wrn-16-1', FEW)
      const eager = memoryOf('eager', 'wrn-16-1', FEW).peak
      return {figure: captured - eager, of: {captured, eager, graphs: seen[0]!.graphs}}
    },
  ),
  inAChild(
    {
      name: 'captured-steady-memory',
      summary: `What is in memory after ${MANY} captured steps beyond what was after ${MANY / 4} of them (tiny network, batch 2), in megabytes, tensors and graphs`,
      target: 10,
      runs: 1,
    },
    () => {
      const {seen} = memoryOf('captured', 'tiny', MANY)
      const [first, last, released] = [seen[0]!, seen[3]!, seen[4]!]
      return {
        figure: last.rss - first.rss,
        of: {
          'tensors more': last.native - first.native,
          'graphs then': last.graphs,
          'graphs once disposed': released.graphs,
        },
      }
    },
  ),
]
