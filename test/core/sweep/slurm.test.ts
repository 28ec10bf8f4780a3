import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {ranges, writeArrays} from '../../../src/sweep/slurm/arrays.ts'
import {jobScript} from '../../../src/sweep/slurm/job-script.ts'
import {entryOf, parseSacct, parseSqueue} from '../../../src/sweep/slurm/queue.ts'
import {appendSubmission, readSubmissions} from '../../../src/sweep/slurm/submissions.ts'
import {writeScripts} from '../../../src/sweep/slurm/write-scripts.ts'
import {within} from '../../../src/sweep/sweep-folder.ts'
import {smallPlan, workplace} from './small-plan.ts'

const options = {program: {node: '/opt/node', arguments: ["/it's/run.js"]}, extraWords: ['--no-track']}

describe('arrays', () => {
  it('has the jobs of a stage that come after the same ones together, teachers first', async () => {
    using place = workplace()
    const arrays = await writeArrays(await place.sweep())
    expect(arrays.map(({name, ids}) => [name.replace(/[0-9a-f]{6}$/, ''), ids.length])).toEqual([
      ['teacher', 2],
      ['student-teacher-badnet_grid-', 4],
      ['student-teacher-sig-', 4],
    ])
  })

  it('keeps the number of each job when the plan changes', async () => {
    using place = workplace()
    const before = await writeArrays(await place.sweep(smallPlan({seeds: '[1]'})))
    const after = await writeArrays(await place.sweep(smallPlan({seeds: '[0, 1]'})))
    expect(after.map(({name}) => name)).toEqual(before.map(({name}) => name))
    for (const [i, {ids}] of before.entries()) expect(after[i]!.ids.slice(0, ids.length)).toEqual(ids)
    expect(after[1]!.ids).toHaveLength(4)
  })

  it('splits what is more than Slurm takes in one', async () => {
    using place = workplace()
    const seeds = `[${Array.from({length: 600}, (_, i) => i).join(', ')}]`
    const arrays = await writeArrays(await place.sweep(smallPlan({seeds})))
    expect(arrays.map(({ids}) => ids.length)).toEqual([2, 1000, 200, 1000, 200])
    expect(arrays[2]!.name).toBe(`${arrays[1]!.name}-2`)
  })

  it('writes numbers as ranges', () => {
    expect(ranges([0, 1, 2, 5, 7, 8])).toBe('0-2,5,7-8')
  })
})

describe('job scripts', () => {
  it('ask for what the plan says, and quote what bash would read', async () => {
    using place = workplace()
    const sweep = await place.sweep(
      `${smallPlan()}budget: {time: 90m, memory: 4GB, cores: 2, gpus: 1}
slurm: {partition: gpu, account: lab, setup: [module load node], options: [--constraint=h100]}
`,
    )
    const [teachers] = await writeArrays(sweep)
    const text = jobScript(sweep, teachers!, options)
    for (const option of [
      ...[
        '--cpus-per-task=2',
        '--mem=4096M',
        '--time=92',
        '--gres=gpu:1',
        '--partition=gpu',
        '--account=lab',
      ],
      ...['--requeue', '--constraint=h100'],
    ])
      expect(text).toContain(`\n#SBATCH ${option}\n`)
    expect(text).toContain('\nset -eu\nmodule load node\njob=$(sed -n ')
    expect(text).toContain(
      `\nexec /opt/node '/it'\\''s/run.js' sweep job ${sweep.folder} "$job" --no-track\n`,
    )
  })

  it('are not written over once somebody edited them', async () => {
    using place = workplace()
    const sweep = await place.sweep()
    const arrays = await writeArrays(sweep)
    const {paths, edited} = await writeScripts(sweep, arrays, options)
    expect(edited).toEqual([])
    const path = paths.get('teacher')!
    writeFileSync(path, `${readFileSync(path, 'utf8')}# mine\n`)
    const again = await writeScripts(sweep, arrays, {...options, extraWords: []})
    expect(again.edited).toEqual([path])
    expect(readFileSync(path, 'utf8')).toContain('# mine')
    expect(readFileSync(again.paths.get(arrays[1]!.name)!, 'utf8')).not.toContain('--no-track')
  })
})

describe('what Slurm says', () => {
  it('is read from squeue', () => {
    const text = '12|3|RUNNING|n1|None|abd-x\n12|4|PENDING||Dependency|abd-x\n\n'
    expect(parseSqueue(text)).toEqual([
      {number: '12', task: '3', state: 'RUNNING', node: 'n1', reason: 'None', comment: 'abd-x'},
      {number: '12', task: '4', state: 'PENDING', node: '', reason: 'Dependency', comment: 'abd-x'},
    ])
  })

  it('and from sacct, --parsable2 --format=JobID,State', () => {
    expect([...parseSacct('12_3|TIMEOUT\n12_4|CANCELLED by 0\n')]).toEqual([
      ['12_3', 'TIMEOUT'],
      ['12_4', 'CANCELLED by 0'],
    ])
  })

  it.each([
    ['PENDING', '', 'Dependency', 'queued', 'PENDING (Dependency)'],
    ['RUNNING', 'n1', 'None', 'running', 'RUNNING on n1'],
    ['COMPLETING', 'n1', 'None', 'running', 'COMPLETING on n1'],
    ['NODE_FAIL', 'n1', 'None', 'ended', 'Slurm: NODE_FAIL on n1'],
    ['CANCELLED by 0', '', '', 'ended', 'Slurm: CANCELLED'],
  ])('%s is %s', (state, node, reason, ours, note) => {
    expect(entryOf(state, {node, reason})).toEqual({state: ours, note})
  })
})

describe('submissions', () => {
  it('are known before sbatch answers, and a torn line harms nothing', async () => {
    using place = workplace()
    const sweep = await place.sweep()
    await writeArrays(sweep)
    await appendSubmission(sweep, {token: 'a', array: 'teacher', tasks: {'0': 'x'}})
    await appendSubmission(sweep, {token: 'b', array: 'teacher', tasks: {'1': 'y'}})
    await appendSubmission(sweep, {token: 'a', array: 'teacher', tasks: {'0': 'x'}, number: '7'})
    writeFileSync(join(within(sweep.folder).slurm, 'submissions.jsonl'), '{"token":', {flag: 'a'})
    expect(await readSubmissions(sweep)).toEqual([
      {token: 'a', array: 'teacher', tasks: {'0': 'x'}, number: '7'},
      {token: 'b', array: 'teacher', tasks: {'1': 'y'}},
    ])
  })
})
