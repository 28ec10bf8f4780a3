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

/** Of each of four steps, how many convolutions were computed, and the sum that came out. */
async function convolutions(mode: 'captured' | 'eager') {
  const script = join(import.meta.dirname, 'count-convolutions.ts')
  const {stdout} = await promisify(execFile)(process.execPath, ['--conditions=@abd/source', script, mode], {
    env: {...process.env, ONEDNN_VERBOSE: 'profile_exec'},
  })
  const steps = stdout.split(/^step \d+$/m).slice(1)
  return {
    counts: steps.map((text) => text.match(/,exec,\w+,convolution,/g)?.length ?? 0),
    sums: steps.map((text) => Number(/^sum (.*)$/m.exec(text)?.[1])),
  }
}

it.skipIf(!tensorflow)(
  'a captured step computes once what it asks for twice, and nothing that leads nowhere',
  async ({skip}) => {
    const [eager, captured] = [await convolutions('eager'), await convolutions('captured')]
    if (eager.counts[0] === 0) {
      console.warn(
        'SKIPPED: TensorFlow computes convolutions without oneDNN here, which alone tells of them.',
      )
      skip()
    }

    expect(eager.counts).toEqual([3, 3, 3, 3])
    // The first is recorded operation by operation, and then run as a graph as the others.
    expect(captured.counts).toEqual([4, 1, 1, 1])
    expect(captured.sums).toEqual(eager.sums)
  },
  60_000,
)
