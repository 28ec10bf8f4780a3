import {createSweep, jobStates, openSweep, readPlan, runLocal, within} from '@abd/core/sweep'
import type {Sweep} from '@abd/core/sweep'
import {spawn} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Case} from '../case.ts'
import {timed} from '../case.ts'

const JOBS = 1000
const AT_ONCE = 2

const plan = (jobs: number) => `version: 1
name: bench
grid: {n: [${Array.from({length: jobs}, (_, i) => i).join(', ')}]}
jobs:
  nothing: {exec: ['true', '{n}']}
`

async function placed(jobs: number) {
  const folder = await mkdtemp(join(tmpdir(), 'abd-bench-'))
  const path = join(folder, 'plan.yml')
  await writeFile(path, plan(jobs))
  const read = () => readPlan(path, {checkCommand: async () => undefined})
  let number = 0
  return {
    read,
    sweep: async (): Promise<Sweep> => createSweep(await read(), join(folder, `${number++}`)),
    tearDown: () => rm(folder, {recursive: true}),
  }
}

export const plannedJobs: Case = {
  name: 'sweep-plan',
  summary: `Seconds to read and check a plan of ${JOBS} jobs`,
  unit: 's',
  better: 'smaller',
  runs: 5,
  async setUp() {
    const {read, tearDown} = await placed(JOBS)
    return {run: () => timed(read), tearDown}
  },
}

export const jobOverhead: Case = {
  name: 'sweep-overhead',
  summary: `Milliseconds for each of ${JOBS} jobs that do nothing, ${AT_ONCE} at a time, beyond starting as many processes`,
  unit: 'ms/job',
  better: 'smaller',
  runs: 3,
  async setUp() {
    const {sweep, tearDown} = await placed(JOBS)
    return {
      async run() {
        const bare = await timed(() => startMany(JOBS, AT_ONCE))
        const one = await sweep()
        const whole = await timed(() =>
          runLocal(one, {
            program: {node: process.execPath, arguments: []},
            signal: new AbortController().signal,
            environment: {},
            extraWords: () => [],
            now: () => Date.now(),
            capacity: {cores: AT_ONCE, megabytes: 1e6, gpus: [], jobs: AT_ONCE},
            pause: async () => {},
          }),
        )
        return (1000 * (whole - bare)) / JOBS
      },
      tearDown,
    }
  },
}

/** Processes that do nothing, some at a time. */
async function startMany(count: number, atOnce: number): Promise<void> {
  let left = count
  const one = async () => {
    while (left-- > 0)
      await new Promise((resolve, reject) =>
        spawn('true', {stdio: ['ignore', 'pipe', 'pipe']})
          .once('error', reject)
          .once('close', resolve),
      )
  }
  await Promise.all(Array.from({length: atOnce}, one))
}

export const sweepStatus: Case = {
  name: 'sweep-status',
  summary: 'Seconds for the states of 10 000 jobs, 5 000 of them done, 2 500 failed',
  unit: 's',
  better: 'smaller',
  runs: 5,
  async setUp() {
    const {sweep, tearDown} = await placed(10_000)
    const {folder, jobs} = await sweep()
    const failed = {event: 'failed', at: '', host: 'x', pid: 1, message: 'It went wrong.'}
    for (const [i, {id}] of jobs.entries()) {
      if (i < 5000) await writeFile(within(folder).result(id), '{}')
      else if (i < 7500) await writeFile(within(folder).journal(id), `${JSON.stringify(failed)}\n`)
    }
    return {run: () => timed(async () => jobStates(await openSweep(folder))), tearDown}
  },
}
