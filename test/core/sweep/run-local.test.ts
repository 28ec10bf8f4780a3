import {existsSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {readEvents} from '../../../src/sweep/job-journal.ts'
import {countStates, jobStates} from '../../../src/sweep/job-states.ts'
import {cancelSweep} from '../../../src/sweep/cancel-sweep.ts'
import {readResult} from '../../../src/sweep/job-result.ts'
import {runLocal} from '../../../src/sweep/run-local.ts'
import {openSweep, within} from '../../../src/sweep/sweep-folder.ts'
import type {Sweep} from '../../../src/sweep/sweep-folder.ts'
import {locally, smallPlan, workplace} from './small-plan.ts'

const jobNamed = (sweep: Sweep, name: string) => sweep.jobs.find((job) => job.name === name)!
const folderOf = (sweep: Sweep, name: string) => within(sweep.folder).job(jobNamed(sweep, name))
const timesBegun = (sweep: Sweep, name: string) =>
  readFileSync(join(folderOf(sweep, name), 'begun'), 'utf8').length
const statesOf = async (sweep: Sweep) =>
  Object.fromEntries((await jobStates(sweep)).map(({job, state}) => [job.name, state]))

describe('runLocal', () => {
  it('runs each job once, teachers first, and a second time nothing', async () => {
    using place = workplace()
    const sweep = await place.sweep()
    const order: string[] = []
    const run = await runLocal(sweep, locally({onStart: ({name}) => order.push(name)}))
    expect(run).toEqual({ran: 10, failures: [], blocked: [], isCancelled: false})
    expect(order).toHaveLength(10)
    for (const trigger of ['badnet_grid', 'sig'])
      expect(order.indexOf(`teacher-${trigger}`)).toBeLessThan(order.indexOf(`student-${trigger}-ood-0`))
    const result = await readResult(sweep.folder, jobNamed(sweep, 'student-sig-zskt-1').id)
    const {accuracy, asr} = result!.values
    expect(result!.curve).toEqual([
      {at: 1, accuracy: accuracy! / 2, asr: asr! / 2},
      {at: 2, accuracy, asr},
    ])
    expect((await runLocal(await openSweep(sweep.folder), locally())).ran).toBe(0)
    for (const {name} of sweep.jobs) expect(timesBegun(sweep, name)).toBe(1)
    expect(readEvents(sweep.folder, result!.id).map(({event}) => event)).toEqual(['started', 'done'])
    expect(readdirSync(within(sweep.folder).locks)).toEqual([])
  })

  it('is one sweep where several processes begin it at once', async () => {
    using place = workplace()
    const all = await Promise.all(Array.from({length: 5}, () => place.sweep()))
    expect(new Set(all.map(({uid}) => uid)).size).toBe(1)
    expect((await openSweep(all[0]!.folder)).uid).toBe(all[0]!.uid)
    expect(readdirSync(all[0]!.folder)).not.toContain('sweep.lock')
  })

  it('has each job compute with as many threads as it has cores', async () => {
    using place = workplace()
    const threads = `process.stdout.write(JSON.stringify({threads: Number(process.env.TF_NUM_INTRAOP_THREADS)}))`
    const sweep = await place.sweep(`version: 1
name: threads
jobs:
  one: {exec: ["${process.execPath}", -e, "${threads}"]}
  two: {exec: ["${process.execPath}", -e, "${threads} "], budget: {cores: 2}}
`)
    await runLocal(sweep, locally())
    const seen = await Promise.all(
      ['one', 'two'].map(async (name) => (await readResult(sweep.folder, jobNamed(sweep, name).id))!.values),
    )
    expect(seen).toEqual([{threads: 1}, {threads: 2}])
  })

  it('keeps what has ended when the plan grows, and forgets nothing when it shrinks', async () => {
    using place = workplace()
    await runLocal(await place.sweep(smallPlan({seeds: '[0]'})), locally())
    const grown = await place.sweep(smallPlan({seeds: '[0, 1]'}))
    expect((await runLocal(grown, locally())).ran).toBe(4)
    const shrunk = await place.sweep(smallPlan({seeds: '[1]'}))
    expect((await runLocal(shrunk, locally())).ran).toBe(0)
    expect(shrunk.uid).toBe(grown.uid)
    expect(readdirSync(within(shrunk.folder).results)).toHaveLength(10)
  })

  it('goes on beside a job that fails, leaves out what needs it, and tries it again on the next run', async () => {
    using place = workplace()
    const text = smallPlan({teacher: ', "fails={fails}"'}).replace(
      'trigger: [badnet_grid, sig]',
      'trigger: [badnet_grid, sig]\n  fails: [no]',
    )
    const sweep = await place.sweep(
      text.replace('seeds:', 'list: [{trigger: blend, method: ood, fails: once}]\nseeds:'),
    )
    const first = await runLocal(sweep, locally())
    expect(first.ran).toBe(10)
    expect(first.failures).toEqual([
      {
        name: 'teacher-blend-once',
        reason: expect.stringMatching(
          /^The command ended with exit code 3: it went wrong Its log: .*log\.txt$/,
        ) as string,
      },
    ])
    expect(first.blocked).toEqual(['student-blend-ood-once-0', 'student-blend-ood-once-1'])
    expect(countStates(await jobStates(sweep))).toMatchObject({done: 10, failed: 1, blocked: 2})
    expect(await runLocal(sweep, locally())).toMatchObject({ran: 3, failures: []})
  })

  it('tries a job as often as the plan says', async () => {
    using place = workplace()
    const sweep = await place.sweep(
      smallPlan({seeds: '[0]', teacher: ', fails=once'}).replace('  student:', '    retries: 1\n  student:'),
    )
    expect(await runLocal(sweep, locally())).toMatchObject({ran: 6, failures: []})
    expect(await readResult(sweep.folder, jobNamed(sweep, 'teacher-sig').id)).toMatchObject({attempts: 2})
  })

  it('tells when a job takes longer than its budget', async () => {
    using place = workplace()
    const sweep = await place.sweep(
      smallPlan({seeds: '[0]', teacher: ', sleep=30000'}).replace(
        '  student:',
        '    budget: {time: 1s}\n  student:',
      ),
    )
    const {failures, blocked} = await runLocal(sweep, locally())
    expect(failures.map(({reason}) => reason)).toEqual(
      Array(2).fill(expect.stringContaining('It took longer than its budget of 1 seconds.')),
    )
    expect(blocked).toHaveLength(4)
  })

  it.skipIf(process.platform === 'win32')('ends with a job what that has begun', async () => {
    using place = workplace()
    const sweep = await place.sweep(`version: 1
name: shells
jobs:
  shell: {exec: [sh, -c, "sleep 25; echo {out}"], budget: {time: 1s}}
`)
    const began = performance.now()
    const {failures} = await runLocal(sweep, locally())
    expect(failures[0]!.reason).toContain('It took longer than its budget of 1 seconds.')
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('takes no number that is not finite, and no result that is none for one', async () => {
    using place = workplace()
    const sweep = await place.sweep(`version: 1
name: numbers
jobs:
  good: {exec: [echo, '{"a": 1}']}
  bad: {exec: [echo, '{"a": 1e400}']}
`)
    const {failures} = await runLocal(sweep, locally())
    expect(failures.map(({name, reason}) => `${name}: ${reason}`)).toEqual([
      expect.stringMatching(/^bad: .*the number at a is not finite/),
    ])
  })

  it('goes on from a checkpoint that an interrupted job left', async () => {
    using place = workplace()
    const sweep = await place.sweep(
      smallPlan({seeds: '[0]'}).replace(
        '    curve: curve',
        '    results: {resumed: resumed}\n    resume: {when: checkpoint, words: [method=resumed]}',
      ),
    )
    await runLocal(sweep, locally())
    const job = jobNamed(sweep, 'student-sig-ood-0')
    expect((await readResult(sweep.folder, job.id))!.values).toEqual({resumed: 0})
    rmSync(within(sweep.folder).result(job.id))
    writeFileSync(join(folderOf(sweep, job.name), 'checkpoint'), '')
    expect((await runLocal(sweep, locally())).ran).toBe(1)
    expect((await readResult(sweep.folder, job.id))!.values).toEqual({resumed: 1})
  })

  it('ends its jobs on Ctrl-C, and leaves no lock', async () => {
    using place = workplace()
    const sweep = await place.sweep(smallPlan({teacher: ', sleep=30000'}))
    const abort = new AbortController()
    const running = runLocal(
      sweep,
      locally({
        signal: abort.signal,
        onStart: () => setTimeout(() => abort.abort(new Error('Interrupted.')), 300),
      }),
    )
    await expect(running).rejects.toThrow('Interrupted.')
    expect(readdirSync(within(sweep.folder).locks)).toEqual([])
    expect(await statesOf(sweep)).toMatchObject({
      'teacher-badnet_grid': 'interrupted',
      'student-badnet_grid-ood-0': 'waiting',
    })
  })

  it('ends when somebody cancels it', async () => {
    using place = workplace()
    const sweep = await place.sweep(smallPlan({teacher: ', sleep=30000'}))
    const running = runLocal(sweep, locally({onStart: () => void cancelSweep(sweep, new Date(0))}))
    expect(await running).toMatchObject({ran: 0, failures: [], isCancelled: true})
  })

  it('leaves a job to the process that is at it, and takes over from one that died', async () => {
    using place = workplace()
    const sweep = await place.sweep(smallPlan({seeds: '[0]'}))
    const locked = jobNamed(sweep, 'teacher-sig')
    const lock = within(sweep.folder).lock(locked.id)
    writeFileSync(lock, '1 another-machine - x')
    const elsewhere: string[] = []
    const run = await runLocal(
      sweep,
      locally({
        onElsewhere(job, heldBy) {
          elsewhere.push(`${job.name} ${heldBy}`)
          // It dies, on this machine.
          writeFileSync(lock, `999999999 ${hostname()} 5 x`)
        },
      }),
    )
    expect(elsewhere).toEqual(['teacher-sig 1 another-machine'])
    expect(run.ran).toBe(6)
  })

  it('shares the work among processes at the same folder: each job is run once', async () => {
    using place = workplace()
    const sweep = await place.sweep()
    const runs = await Promise.all([
      runLocal(sweep, locally()),
      runLocal(await openSweep(sweep.folder), locally()),
    ])
    expect(runs[0].ran + runs[1].ran).toBe(10)
    for (const {name} of sweep.jobs) expect(timesBegun(sweep, name)).toBe(1)
  })

  it('makes a teacher again whose file is gone, and then the students of another teacher', async () => {
    using place = workplace()
    const sweep = await place.sweep(smallPlan({seeds: '[0]'}))
    await runLocal(sweep, locally())
    rmSync(join(folderOf(sweep, 'teacher-sig'), 'teacher.txt'))
    // Nobody needs it.
    expect((await runLocal(sweep, locally())).ran).toBe(0)
    const grown = await place.sweep(smallPlan({seeds: '[0, 1]'}))
    const again: string[] = []
    expect((await runLocal(grown, locally({onAgain: ({name}) => again.push(name)}))).ran).toBe(5)
    expect(again).toEqual(['teacher-sig'])

    rmSync(join(folderOf(sweep, 'teacher-sig'), 'teacher.txt'))
    const result = within(sweep.folder).result(jobNamed(sweep, 'teacher-sig').id)
    const text = readFileSync(result, 'utf8')
    // As if the students had been made from another file.
    for (const name of ['student-sig-ood-0', 'student-sig-zskt-0']) {
      const path = within(sweep.folder).result(jobNamed(sweep, name).id)
      const made = JSON.parse(readFileSync(path, 'utf8')) as {needs: Record<string, string>}
      writeFileSync(path, JSON.stringify({...made, needs: {teacher: '0123456789abcdef'}}))
    }
    expect(text).toContain('teacher.txt')
    const third = await place.sweep(smallPlan({seeds: '[0, 1, 2]'}))
    // Two new ones by each trigger, the teacher, and the two students of another one.
    expect((await runLocal(third, locally())).ran).toBe(4 + 1 + 2)
  })

  it('tells in words what is no result, no program, no JSON, no file', async () => {
    using place = workplace()
    const sweep = await place.sweep(`version: 1
jobs:
  missing: {exec: [no-such-program]}
  silent: {exec: ["true"], results: {accuracy: a.b}}
  talks: {exec: [echo, hello]}
  wrong: {exec: [echo, '{"a": 1}'], results: {accuracy: a.b}}
  fileless: {exec: ["true"], outputs: [x.txt]}
  fine: {exec: ["true"]}
`)
    const {ran, failures} = await runLocal(sweep, locally())
    expect(ran).toBe(1)
    expect(Object.fromEntries(failures.map(({name, reason}) => [name, reason]))).toEqual({
      missing: 'no-such-program cannot be started: there is no such program.',
      silent: 'The command printed no JSON.',
      talks: 'The command printed no JSON. It begins with: hello\n',
      wrong: 'What the command printed is not its result: there is no number at a.b.',
      fileless: expect.stringMatching(/^The command ended well, and x\.txt is not in /) as string,
    })
  })

  it('refuses a job with more GPUs than there are, and gives each its own', async () => {
    using place = workplace()
    const show = (gpus: number) => `version: 1
grid: {n: [1, 2]}
jobs:
  show:
    exec: ["${process.execPath}", -p, 'JSON.stringify({gpu: Number(process.env.CUDA_VISIBLE_DEVICES), n: {n}})']
    budget: {gpus: ${gpus}}
`
    const sweep = await place.sweep(show(1))
    await expect(runLocal(sweep, locally())).rejects.toMatchObject({
      code: 'E_SWEEP_GPUS',
      message: 'show-1 needs 1 GPU, and this machine has none.',
    })
    await runLocal(sweep, locally({capacity: {cores: 2, megabytes: 1e6, gpus: ['4', '7'], jobs: 9}}))
    const gpus = await Promise.all(
      sweep.jobs.map(async ({id}) => (await readResult(sweep.folder, id))!.values['gpu']),
    )
    expect(gpus.sort()).toEqual([4, 7])
  })

  it('refuses the folder of another sweep, and one that is none', async () => {
    using place = workplace()
    const sweep = await place.sweep()
    await expect(place.sweep(smallPlan().replace('name: small', 'name: other'))).rejects.toMatchObject({
      code: 'E_SWEEP_OTHER',
    })
    await expect(openSweep(place.folder)).rejects.toMatchObject({code: 'E_SWEEP'})
    writeFileSync(within(sweep.folder).jobs, '{')
    await expect(openSweep(sweep.folder)).rejects.toMatchObject({code: 'E_SWEEP'})
    expect(existsSync(within(sweep.folder).plan)).toBe(true)
  })
})
