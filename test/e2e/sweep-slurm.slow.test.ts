import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {findJob, openSweep, within} from '../../src/sweep/sweep-folder.ts'
import {readEvents} from '../../src/sweep/job-journal.ts'
import type {SlurmCluster} from '../fixtures/sweep/slurm-cluster.ts'
import {slurmProblem, startSlurm} from '../fixtures/sweep/slurm-cluster.ts'
import {abd, root} from './abd.ts'

const problem = slurmProblem()
if (problem !== undefined) console.warn(`Skipped: no sweep is run on Slurm: ${problem}.`)

/** Three teachers, and nine students after them. */
const plan = (sleep: number) => `version: 1
name: twelve
grid:
  trigger: [badnet_grid, sig, blend]
  method: [ood, zskt, cmi]
  sleep: [${sleep}]
budget: {memory: 100MB, time: 5m}
jobs:
  teacher:
    exec: ["${process.execPath}", "${root}/test/fixtures/sweep/job.mjs", teacher, "{out}", "trigger={trigger}", "sleep={sleep}"]
    outputs: [teacher.txt]
  student:
    needs: teacher
    exec: ["${process.execPath}", "${root}/test/fixtures/sweep/job.mjs", student, "{out}", "{teacher}", "method={method}", "sleep={sleep}"]
tables:
  - {job: student, rows: [trigger], columns: [method]}
`

describe.skipIf(problem !== undefined)('a sweep on Slurm', () => {
  let slurm: SlurmCluster
  let folder = ''
  beforeAll(async () => {
    slurm = await startSlurm()
    folder = mkdtempSync(join(tmpdir(), 'abd-sweep-slurm-'))
  })
  afterAll(() => {
    slurm?.[Symbol.dispose]()
    rmSync(folder, {recursive: true, force: true})
  })

  const sweep = async (...words: string[]) => {
    const ran = await abd(['sweep', ...words], {cwd: folder, env: slurm.environment})
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    return ran.stdout
  }
  const isQuiet = () => slurm.run('squeue', '-h').trim() === ''

  it('ends every job once, whatever is killed, drained or restarted, with the table of a local run', async () => {
    writeFileSync(join(folder, 'plan.yml'), plan(4000))
    // The same jobs here first, for their table.
    await sweep('run', 'plan.yml', '--out', 'local', '--executor', 'local')

    expect(await sweep('run', 'plan.yml', '--out', 'cluster', '--executor', 'slurm')).toContain(
      'Submitted 3 jobs as',
    )
    const there = await openSweep(join(folder, 'cluster'))
    const lockOf = (name: string) => within(there.folder).lock(findJob(there, name).id)
    const holderOf = (name: string) => {
      try {
        return Number(readFileSync(lockOf(name), 'utf8').split(' ')[0]) || undefined
      } catch {
        return undefined
      }
    }

    // One job is killed.
    const victim = 'teacher-badnet_grid-4000'
    await slurm.until('the teacher runs', () => holderOf(victim) !== undefined)
    process.kill(holderOf(victim)!, 'SIGKILL')
    // One node is drained, and the controller restarted.
    await slurm.until('a job has ended', () => readdirSync(within(there.folder).results).length >= 1)
    slurm.run('scontrol', 'update', 'NodeName=n2', 'State=DRAIN', 'Reason=test')
    await slurm.restartController()
    await slurm.until('the queue is empty', isQuiet, 180)

    const status = JSON.parse(await sweep('status', 'cluster', '--json')) as {
      counts: Record<string, number>
      jobs: {name: string; state: string; note: string}[]
    }
    // The teacher that was killed, and its three students, which Slurm took out of the queue.
    expect(status.counts).toMatchObject({done: 8, running: 0, queued: 0})
    const killed = status.jobs.find(({name}) => name === victim)
    expect(killed).toMatchObject({
      state: 'interrupted',
      note: expect.stringMatching(/^Slurm: FAILED/) as string,
    })

    expect(await sweep('resume', 'cluster')).toMatch(/Submitted 1 job as \d+: teacher\nSubmitted 3 jobs as/)
    // What is in the queue is not submitted again.
    expect(await sweep('resume', 'cluster')).toMatch(
      /^\d of 12 jobs are done, [1-4] were in the queue already/,
    )
    await slurm.until('the queue is empty', isQuiet, 180)

    expect(await sweep('status', 'cluster')).toContain('twelve: 12 done, of 12 jobs')
    for (const job of there.jobs) {
      const events = readEvents(there.folder, job.id).map(({event}) => event)
      expect([job.name, events]).toEqual([
        job.name,
        job.name === victim ? ['started', 'started', 'done'] : ['started', 'done'],
      ])
      expect(readFileSync(join(within(there.folder).job(job), 'begun'), 'utf8')).toBe(
        job.name === victim ? 'xx' : 'x',
      )
    }
    await sweep('table', 'cluster')
    for (const name of ['table.csv', 'table.md', 'table.json'])
      expect(readFileSync(join(folder, 'cluster', name), 'utf8')).toBe(
        readFileSync(join(folder, 'local', name), 'utf8'),
      )
    slurm.run('scontrol', 'update', 'NodeName=n2', 'State=RESUME')
  })

  it('submits scripts as somebody edited them, and keeps jobs that are requeued to one result', async () => {
    writeFileSync(join(folder, 'edited.yml'), plan(1500).replace('name: twelve', 'name: edited'))
    await sweep('run', 'edited.yml', '--out', 'edited', '--executor', 'slurm', '--no-submit')
    expect(isQuiet()).toBe(true)
    const script = join(folder, 'edited/slurm/teacher.sbatch')
    const text = readFileSync(script, 'utf8')
    expect(text).toContain('#SBATCH --mem=100M\n#SBATCH --time=7\n')
    writeFileSync(script, text.replace('set -eu\n', `set -eu\ntouch ${folder}/edited-$SLURM_ARRAY_TASK_ID\n`))
    expect(await sweep('resume', 'edited', '--executor', 'slurm')).toContain(`As it was edited: ${script}`)
    await slurm.until('a job runs', () => slurm.run('squeue', '-h', '-t', 'R', '-o', '%i').trim() !== '')
    const [running] = slurm.run('squeue', '-h', '-t', 'R', '-o', '%i').trim().split('\n')
    slurm.run('scontrol', 'requeue', running!)
    await slurm.until('it waits again', () =>
      slurm.run('squeue', '-h', '-r', '-t', 'PD', '-o', '%i').includes(running!),
    )
    // Slurm would hold it back for two minutes.
    slurm.run('scontrol', 'update', `JobId=${running!}`, 'StartTime=now')
    await slurm.until('the queue is empty', isQuiet, 300)
    expect(await sweep('status', 'edited')).toContain('edited: 12 done, of 12 jobs')
    expect(readdirSync(folder).filter((name) => /^edited-\d$/.test(name))).toEqual([
      'edited-0',
      'edited-1',
      'edited-2',
    ])
  })

  it('takes a cancelled sweep out of the queue, and goes on with it', async () => {
    writeFileSync(join(folder, 'cancelled.yml'), plan(1000).replace('name: twelve', 'name: cancelled'))
    await sweep('run', 'cancelled.yml', '--out', 'cancelled', '--executor', 'slurm')
    expect(await sweep('cancel', 'cancelled')).toMatch(/^Took \d+ jobs out of Slurm's queue/)
    await slurm.until('the queue is empty', isQuiet)
    expect(await sweep('status', 'cancelled')).toContain('; cancelled')
    await sweep('resume', 'cancelled')
    await slurm.until('the queue is empty', isQuiet, 180)
    expect(await sweep('status', 'cancelled')).toContain('cancelled: 12 done, of 12 jobs')
  })
})
