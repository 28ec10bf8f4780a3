import {openEngine} from '@abd/core/engine'
import {execFile} from 'node:child_process'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {expect, it} from 'vitest'

const tensorflow = await openEngine('tensorflow').then(
  () => true,
  () => false,
)
if (!tensorflow) console.warn('SKIPPED: steps are captured on the tensorflow engine, which is not installed.')

interface Seen {
  /** Megabytes. */
  readonly rss: number
  readonly tensors: number
  readonly native: number
  readonly graphs: number
}

/** Node's own heap, left alone, grows by up to 30 MB while it finds its size; what a step keeps in it ends the process. */
const smallHeap = ['--max-old-space-size=48', '--max-semi-space-size=2']

/** Steps in a process of their own: what is in memory after each quarter and when all is over, and the most there was. */
async function steps(mode: 'captured' | 'eager', size: 'tiny' | 'wrn-16-1', count: number) {
  const script = join(import.meta.dirname, 'steps-in-memory.ts')
  const {stdout} = await promisify(execFile)(process.execPath, [
    '--conditions=@abd/source',
    ...(size === 'tiny' ? smallHeap : []),
    script,
    mode,
    size,
    String(count),
  ])
  return JSON.parse(stdout) as {readonly seen: readonly Seen[]; readonly peak: number}
}

it.skipIf(!tensorflow)(
  '2000 captured steps take no more memory than 500, and their graphs are let go',
  async () => {
    const {seen} = await steps('captured', 'tiny', 2000)
    const [first, ...others] = seen.slice(0, 4)

    expect(first!.graphs).toBeGreaterThan(0)
    for (const {tensors, native, graphs} of others)
      expect({tensors, native, graphs}).toEqual({
        tensors: first!.tensors,
        native: first!.native,
        graphs: first!.graphs,
      })
    // A step that kept 30 KB would show 45 more; 1 was measured.
    expect(Math.max(...others.map(({rss}) => rss))).toBeLessThan(first!.rss + 10)
    expect(seen.at(-1)!.graphs).toBe(0)
  },
  600_000,
)

it.skipIf(!tensorflow)(
  'captured steps take at most 300 MB more than eager ones',
  async () => {
    const [captured, eager] = [await steps('captured', 'wrn-16-1', 50), await steps('eager', 'wrn-16-1', 50)]
    expect(captured.seen[0]!.graphs).toBeGreaterThan(0)
    expect(eager.seen[0]!.graphs).toBe(0)
    expect(captured.peak).toBeLessThan(eager.peak + 300)
  },
  600_000,
)
