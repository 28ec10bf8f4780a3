import {cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {matrices} from '../../../src/sweep/github/matrix.ts'
import {mergeSweeps} from '../../../src/sweep/github/merge.ts'
import {readEvents} from '../../../src/sweep/job-journal.ts'
import {runJob} from '../../../src/sweep/run-job.ts'
import {openSweep, within} from '../../../src/sweep/sweep-folder.ts'
import {jobsOf, locally, smallPlan, workplace} from './small-plan.ts'

describe('matrices', () => {
  it('has teachers on the first level and students on the second, without what is done', () => {
    const jobs = jobsOf(smallPlan())
    const levels = matrices(jobs, new Set([jobs[0]!.id]))
    expect(levels.map(({include}) => include.length)).toEqual([1, 8])
    expect(levels[0]!.include).toEqual([
      {index: 0, name: 'teacher-sig', jobs: jobs.find(({name}) => name === 'teacher-sig')!.id},
    ])
  })

  it('has at most 256 entries, with several jobs where there are more', () => {
    const jobs = jobsOf(smallPlan({seeds: `[${Array.from({length: 100}, (_, i) => i).join(', ')}]`}))
    const {include} = matrices(jobs, new Set())[1]!
    expect(include).toHaveLength(256)
    const ids = include.flatMap((entry) => entry.jobs.split(' '))
    expect(new Set(ids).size).toBe(400)
    expect(include[0]!.name).toBe('student-badnet_grid-ood-0 and 1 more')
  })
})

describe('mergeSweeps', () => {
  it('brings together what others ran, with the files that later jobs need', async () => {
    using place = workplace()
    const sweep = await place.sweep(smallPlan({seeds: '[0]'}))
    const artifacts = join(place.folder, 'artifacts')
    // Each on a machine of its own: a copy of the folder, before anything was run.
    const [first, second] = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const copy = join(artifacts, name, 'x')
        mkdirSync(join(artifacts, name), {recursive: true})
        cpSync(sweep.folder, copy, {recursive: true})
        return openSweep(copy)
      }),
    )
    const teachers = sweep.jobs.filter(({stage}) => stage === 'teacher')
    for (const [i, other] of [first!, second!].entries())
      expect(await runJob(other, teachers[i]!, locally())).toMatchObject({state: 'done'})

    const merged = await mergeSweeps(sweep, [join(artifacts, 'a'), join(artifacts, 'b')])
    expect(merged).toEqual({results: teachers.map(({name}) => name), different: [], unknown: 0})
    for (const {id} of teachers)
      expect(readEvents(sweep.folder, id).map(({event}) => event)).toEqual(['started', 'done'])
    const student = sweep.jobs.find(({stage}) => stage === 'student')!
    expect(await runJob(sweep, student, locally())).toMatchObject({state: 'done', isNew: true})
    // Twice is once.
    expect((await mergeSweeps(sweep, [join(artifacts, 'a')])).results).toEqual([])
    expect(readEvents(sweep.folder, teachers[0]!.id).length).toBe(2)
  })

  it('writes nothing outside the folder, whatever an artifact says', async () => {
    using place = workplace()
    const sweep = await place.sweep(smallPlan({seeds: '[0]'}))
    const copy = join(place.folder, 'copy')
    cpSync(sweep.folder, copy, {recursive: true})
    const other = await openSweep(copy)
    const [teacher] = other.jobs
    await runJob(other, teacher!, locally())
    const path = within(copy).result(teacher!.id)
    writeFileSync(path, readFileSync(path, 'utf8').replace(teacher!.id, '../../pwned'))

    await expect(mergeSweeps(sweep, [copy])).rejects.toMatchObject({code: 'E_SWEEP_RESULT'})
    expect(existsSync(join(place.folder, 'pwned.json'))).toBe(false)
  })

  it('keeps its own of two results that differ, and leaves those of other plans', async () => {
    using place = workplace()
    const sweep = await place.sweep(smallPlan({seeds: '[0]'}))
    const copy = join(place.folder, 'copy')
    cpSync(sweep.folder, copy, {recursive: true})
    const [job] = sweep.jobs
    await runJob(sweep, job!, locally())
    const text = readFileSync(within(sweep.folder).result(job!.id), 'utf8')
    writeFileSync(within(copy).result(job!.id), text.replace(/"accuracy": [\d.]+/, '"accuracy": 1'))
    writeFileSync(within(copy).result('0123456789abcdef'), text.replaceAll(job!.id, '0123456789abcdef'))
    expect(await mergeSweeps(sweep, [copy])).toEqual({results: [], different: [job!.name], unknown: 1})
    expect(readFileSync(within(sweep.folder).result(job!.id), 'utf8')).toBe(text)
  })

  it('says what is no copy', async () => {
    using place = workplace()
    const sweep = await place.sweep()
    rmSync(join(place.folder, 'nothing'), {recursive: true, force: true})
    await expect(mergeSweeps(sweep, [join(place.folder, 'nothing')])).rejects.toMatchObject({
      code: 'E_SWEEP_MERGE',
    })
    mkdirSync(join(place.folder, 'empty'))
    await expect(mergeSweeps(sweep, [join(place.folder, 'empty')])).rejects.toMatchObject({
      code: 'E_SWEEP_MERGE',
    })
    expect(existsSync(within(sweep.folder).jobs)).toBe(true)
  })
})
