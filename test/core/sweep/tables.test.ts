import {readFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {writeResult} from '../../../src/sweep/job-result.ts'
import {meanCurve} from '../../../src/sweep/mean-curve.ts'
import {meanInterval, statistic, studentT} from '../../../src/sweep/statistic.ts'
import type {Sweep} from '../../../src/sweep/sweep-folder.ts'
import {writeTables} from '../../../src/sweep/tables/write-tables.ts'
import {smallPlan, workplace} from './small-plan.ts'

describe('statistic', () => {
  it('has the deviation of a sample', () => {
    expect(statistic([1, 3])).toEqual({mean: 2, deviation: Math.SQRT2})
    expect(statistic([5])).toEqual({mean: 5, deviation: null})
  })

  it("knows Student's t to the digits of published tables", () => {
    // Two-sided 95 %: 12.706, 4.303, 3.182, 2.776, 2.228 and 2.042 for 1, 2, 3, 4, 10 and 30 degrees of freedom.
    const found = [1, 2, 3, 4, 10, 30].map((freedom) => Number(studentT(freedom).toFixed(3)))
    expect(found).toEqual([12.706, 4.303, 3.182, 2.776, 2.228, 2.042])
  })

  it('gives the interval of a mean', () => {
    // 80 ± 4.303 · 10 / √3
    const [low, high] = meanInterval([70, 80, 90])!
    expect(low).toBeCloseTo(80 - 24.84, 2)
    expect(high).toBeCloseTo(80 + 24.84, 2)
    expect(meanInterval([70])).toBeNull()
  })
})

describe('meanCurve', () => {
  it('averages at the steps that all curves have', () => {
    const curves = [
      [
        {at: 1, asr: 10},
        {at: 2, asr: 20},
      ],
      [
        {at: 2, asr: 40},
        {at: 3, asr: 50},
      ],
    ]
    expect(meanCurve(curves, 'asr')).toEqual([[2, 30]])
    expect(meanCurve([...curves, []], 'asr')).toEqual([])
    expect(meanCurve([], 'asr')).toEqual([])
  })
})

/** Accuracy and ASR of jobs by their names, as if they had been run. */
async function fill(sweep: Sweep, shares: Readonly<Record<string, readonly [number, number]>>) {
  for (const job of sweep.jobs) {
    const share = shares[job.name]
    if (!share) continue
    const [accuracy, asr] = share
    await writeResult(sweep.folder, {
      version: 1,
      id: job.id,
      name: job.name,
      stage: job.stage,
      parameters: job.parameters,
      command: job.words,
      values: {accuracy, asr},
      curve: [
        {at: 10, accuracy: accuracy / 2, asr: asr / 2},
        {at: 20, accuracy, asr},
      ],
      outputs: {},
      needs: {},
      seconds: 1,
      attempts: 1,
      host: 'here',
      tool: {name: 'abd', version: '0.1.0'},
    })
  }
}

const shares = {
  'teacher-badnet_grid': [99, 80],
  'student-badnet_grid-ood-0': [70, 40],
  'student-badnet_grid-ood-1': [80, 60],
  'student-badnet_grid-zskt-0': [60, 8],
} as const

describe('writeTables', () => {
  it('has mean, deviation and interval over seeds, by row and column', async () => {
    using place = workplace()
    const sweep = await place.sweep()
    await fill(sweep, shares)
    const {tables, files} = await writeTables(sweep)
    expect(tables).toHaveLength(1)
    const [table] = tables
    expect(table).toMatchObject({
      stage: 'student',
      rows: [{trigger: 'badnet_grid'}, {trigger: 'sig'}],
      columns: [{method: 'ood'}, {method: 'zskt'}],
      values: ['accuracy', 'asr'],
      done: 3,
      of: 8,
    })
    // 75 ± √50 and 50 ± √200, with 12.706 · √50 / √2 = 63.53 and 127.06 to either side.
    const cell = table!.cells[0]![0]!
    expect(cell['accuracy']).toMatchObject({n: 2, mean: 75, deviation: Math.sqrt(50)})
    expect(cell['accuracy']!.interval![0]).toBeCloseTo(75 - 63.53, 2)
    expect(cell['asr']!.interval![1]).toBeCloseTo(50 + 127.06, 2)
    expect(table!.cells[0]![1]!['asr']).toEqual({n: 1, mean: 8, deviation: null, interval: null})
    expect(table!.cells[1]).toEqual([null, null])
    expect(files.map((file) => basename(file))).toEqual([
      ...['table.md', 'table.csv', 'table.tex', 'table.html', 'table.json', 'jobs.csv'],
      ...['scatter.svg', 'heatmap.svg', 'curves.svg'],
    ])
    const read = (name: string) => readFileSync(join(sweep.folder, name), 'utf8')
    expect(read('table.md')).toContain(
      '| badnet&#95;grid | 75.0 ± 7.1 / 50.0 ± 14.1 (2) | 60.0 / 8.0 |\n| sig | – | – |',
    )
    expect(read('table.md')).toContain('| badnet&#95;grid | 11.5 to 138.5 / -77.1 to 177.1 | – / – |')
    expect(read('table.tex')).toContain(
      'badnet\\_grid & $75.0 \\pm 7.1$ / $50.0 \\pm 14.1$ & $60.0$ / $8.0$ \\\\\nsig & -- / -- & -- / -- \\\\',
    )
    expect(read('table.csv').split('\n').slice(0, 2)).toEqual([
      'table,trigger,method,value,n,mean,deviation,low,high',
      expect.stringMatching(/^small,badnet_grid,ood,accuracy,2,75,7\.07/) as string,
    ])
    expect(read('jobs.csv').split('\n')).toContain(
      `${sweep.jobs[1]!.id},student,badnet_grid,ood,0,70,40,1,here`,
    )
    const html = read('table.html')
    expect(html).toContain('75.0 ± 7.1 / 50.0 ± 14.1 (2)')
    expect(html.match(/role="img"/g)).toHaveLength(3)
  })

  it("draws transfer in percent of the teacher's ASR, the same each time", async () => {
    using place = workplace()
    const sweep = await place.sweep()
    await fill(sweep, shares)
    await writeTables(sweep)
    const heat = readFileSync(join(sweep.folder, 'heatmap.svg'), 'utf8')
    // (40 + 60) / 2 and 8, of 80.
    expect(heat).toContain('ASR in % of the teacher')
    expect(heat).toMatch(/>62\.5<[^]*>10</)
    await writeTables(sweep)
    expect(readFileSync(join(sweep.folder, 'heatmap.svg'), 'utf8')).toBe(heat)
  })

  it('has the tables that the plan asks for', async () => {
    using place = workplace()
    const sweep = await place.sweep(
      `${smallPlan()}tables:\n  - {title: "a, b & <c>", rows: [trigger, method], columns: [seed], values: [asr]}\n  - {job: teacher}\n`,
    )
    await fill(sweep, shares)
    const {tables, files} = await writeTables(sweep)
    expect(tables.map(({title, rows, columns, values}) => [title, rows.length, columns, values])).toEqual([
      ['a, b & <c>', 4, [{seed: '0'}, {seed: '1'}], ['asr']],
      ['small: teacher', 2, [{}], ['accuracy', 'asr']],
    ])
    expect(files.map((file) => basename(file))).toContain('scatter-2.svg')
    const read = (name: string) => readFileSync(join(sweep.folder, name), 'utf8')
    expect(read('table.html')).toContain('a, b &amp; &lt;c&gt;')
    expect(read('table.csv')).toContain('"a, b & <c>",badnet_grid,ood,0,asr,1,40,,,')
  })

  it('says so where nothing is done', async () => {
    using place = workplace()
    await expect(writeTables(await place.sweep())).rejects.toMatchObject({code: 'E_SWEEP_EMPTY'})
  })
})
