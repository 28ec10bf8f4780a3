import {silent} from '@abd/core'
import {createRandom} from '@abd/core/engine'
import {createJournal, openMlflow, replay, startTracking, trackingSettings} from '@abd/core/track'
import {spawnSync} from 'node:child_process'
import {mkdtemp, open, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'

/** ABD_BENCH_MLFLOW names a server; without one these cases are left out. */
function serverOf() {
  const uri = process.env['ABD_BENCH_MLFLOW']
  if (!uri) throw new Error('Name an MLflow server: ABD_BENCH_MLFLOW=http://127.0.0.1:5000')
  return trackingSettings({}, {uri})!
}

const METRICS = 20_000
const MEGABYTES = 500

let number = 0
const headerOf = () => ({
  version: 1 as const,
  uid: createRandom(`${Date.now()} ${number++}`)
    .uniforms(4)
    .reduce(
      (text, value) =>
        text +
        Math.floor(value * 2 ** 32)
          .toString(16)
          .padStart(8, '0'),
      '',
    ),
  name: 'bench',
  startTime: Date.now(),
  experimentName: 'bench',
  tags: {},
  writer: '- - -',
})

/** Metrics a second from a journal to the server; over ten names. */
export const replayedMetrics: Case = {
  name: 'track-replay',
  summary: `Metrics of a recorded run brought to an MLflow server, ${METRICS} of them over ten names`,
  unit: 'metrics/s',
  better: 'larger',
  runs: 3,
  async setUp() {
    const root = await mkdtemp(join(tmpdir(), 'abd-bench-'))
    const client = await openMlflow(serverOf())
    return {
      async run() {
        const journal = createJournal(root, headerOf())
        for (let step = 0; step < METRICS / 10; step++) {
          const values = Object.fromEntries(Array.from({length: 10}, (_, i) => [`loss/${i}`, step / (i + 1)]))
          journal.append({op: 'metrics', at: Date.now(), step, values})
        }
        await journal.close()
        return METRICS / (await timed(() => replay(journal.folder, client, {sleep: async () => {}})))
      },
      async tearDown() {
        await client[Symbol.asyncDispose]()
        await rm(root, {recursive: true})
      },
    }
  },
}

/** Of a process that does this alone, and loads no tensors. */
export const largeArtifact: Case = {
  name: 'track-artifact',
  summary: `Peak memory of a process that records a file of ${MEGABYTES} MB and brings it to an MLflow server`,
  unit: 'MB',
  better: 'smaller',
  runs: 3,
  async setUp() {
    const {uri} = serverOf()
    const root = await mkdtemp(join(tmpdir(), 'abd-bench-'))
    const path = join(root, 'weights.bin')
    {
      await using file = await open(path, 'w')
      const piece = Buffer.alloc(1_000_000)
      for (let i = 0; i < MEGABYTES; i++) {
        piece.writeUInt32LE(i, 0)
        await file.writeFile(piece)
      }
    }
    return {
      async run() {
        const script = fileURLToPath(new URL('../send-artifact.mjs', import.meta.url))
        const child = spawnSync(process.execPath, [script, root, path, uri], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        return Number(child.stdout)
      },
      tearDown: () => rm(root, {recursive: true}),
    }
  },
}

/** Logged one by one, as a run logs them: each goes out on its own. */
const STEPS = 8

export const loggingShare: Case = {
  name: 'track-overhead',
  summary: 'Processor time of recording and sending one logged step live, over a cycle of ZSKT of 2.4 s',
  unit: 'ratio',
  better: 'smaller',
  runs: 3,
  async setUp() {
    const root = await mkdtemp(join(tmpdir(), 'abd-bench-'))
    const settings = serverOf()
    return {
      async run() {
        const began = process.cpuUsage()
        const {recorder, end} = await startTracking(
          {
            root,
            settings,
            destination: {experimentName: 'bench'},
            name: 'overhead',
            source: 'bench',
            environment: {MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: '1'},
          },
          {now: () => Date.now(), note: (line) => silent.note(line)},
        )
        for (let step = 0; step < STEPS; step++) {
          recorder.metrics({loss: 1 / (step + 1), generator: step, accuracy: 50}, step)
          await sleep(1500)
        }
        await end('FINISHED')
        const {user, system} = process.cpuUsage(began)
        return (user + system) / 1e6 / STEPS / 2.4
      },
      tearDown: () => rm(root, {recursive: true}),
    }
  },
}
