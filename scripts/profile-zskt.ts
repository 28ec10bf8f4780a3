// Where the time of captured cycles of ZSKT goes (batch 128, WRN-16-2 to WRN-16-1), as JSON on standard output:
//   node --conditions=@abd/source scripts/profile-zskt.ts > profile.json
// TensorFlow says nothing of what it does inside a graph, but oneDNN, which computes most of it, tells of each primitive on
// standard output. So cycles run in a process of its own, which tells of its own parts in between.
import {openEngine} from '@abd/core/engine'
import {zskt} from '@abd/plugin-distill/index'
import * as tf from '@tensorflow/tfjs-core'
import {spawnSync} from 'node:child_process'
import {writeSync} from 'node:fs'
import {cpus} from 'node:os'
import {fileURLToPath} from 'node:url'
import {contextOn} from '../bench/cases/context-on.ts'
import {randomModel} from '../bench/cases/models.ts'
import {ranOf, sharesOf} from './zskt-profile/running.ts'
import {Profile} from './zskt-profile/profile.ts'

const [WARM_UP, CYCLES] = [2, 5] as const

interface Mark {
  readonly part: number
  readonly from: number
  readonly to: number
  readonly graph: {readonly from: number; readonly to: number}
}

const now = () => performance.timeOrigin + performance.now()

async function runCycles(): Promise<void> {
  await using engine = await openEngine('tensorflow')
  const pair = {teacher: randomModel('wrn-16-2', 'teacher'), student: randomModel('wrn-16-1', 'student')}
  using distiller = zskt.create(zskt.options.parse({}), contextOn(engine))({...pair, defence: {}})
  using capture = engine.capture({label: 'A cycle', times: 1000})
  let graph = {from: 0, to: 0}
  const backend = tf.backend() as unknown as {binding: {runSavedModel(...all: unknown[]): unknown}}
  const {binding} = backend
  backend.binding = Object.create(binding, {
    runSavedModel: {
      value(...all: unknown[]) {
        const from = now()
        const result = binding.runSavedModel(...all)
        graph = {from, to: now()}
        return result
      },
    },
  }) as typeof binding
  for (let cycle = 0; cycle < WARM_UP + CYCLES; cycle++) {
    const parts = distiller.parts!(cycle, 0)
    for (let part = 0; ; part++) {
      const from = now()
      const {done, value} = capture.run(() => parts.next())
      const mark: Mark = {part, from, to: now(), graph}
      if (cycle >= WARM_UP) writeSync(1, `${MARK}${JSON.stringify(mark)}\n`)
      if (!done) continue
      tf.dispose(value)
      break
    }
  }
}

const MARK = 'abd-part '

/** The generator's step, the student's first with the lesson that it begins with, and its others together. */
const partOf = (part: number) => Math.min(part, 2)
const names = ['generator', 'lesson and first step', 'nine more steps']

function profileOf(text: string): Profile {
  const lines = text.split('\n')
  const ran = lines.flatMap((line) => ranOf(line) ?? [])
  const marks = lines
    .filter((line) => line.startsWith(MARK))
    .map((line) => JSON.parse(line.slice(MARK.length)) as Mark)
  const parts = names.map((name, place) => {
    let javascript = 0
    const graph: Record<string, number> = {}
    for (const mark of marks.filter(({part}) => partOf(part) === place)) {
      const {from, to} = mark.graph
      javascript += (mark.to - mark.from - (to - from)) / CYCLES
      const near = ran.filter((one) => one.to > from && one.from < to)
      for (const [what, time] of sharesOf(near, mark.graph, 'other kernels'))
        graph[what] = (graph[what] ?? 0) + time / CYCLES
    }
    return {name, javascript, graph}
  })
  return Profile.parse({machine: `${cpus()[0]?.model ?? ''}, ${cpus().length} cores`, cycles: CYCLES, parts})
}

if (process.argv.includes('--run')) await runCycles()
else {
  const script = fileURLToPath(import.meta.url)
  const {status, stdout} = spawnSync(process.execPath, [...process.execArgv, script, '--run'], {
    encoding: 'utf8',
    env: {...process.env, ONEDNN_VERBOSE: 'profile_exec', ONEDNN_VERBOSE_TIMESTAMP: '1'},
    maxBuffer: 1e9,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) process.exit(1)
  process.stdout.write(`${JSON.stringify(profileOf(stdout), null, 2)}\n`)
}
