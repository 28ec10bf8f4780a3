import {describe, expect, it} from 'vitest'
import {cellOf} from '../../../plugins/reproduce/src/cell-of.ts'
import {curvesPlot} from '../../../plugins/reproduce/src/curves-plot.ts'
import {renderMarkdown, tableTexts} from '../../../plugins/reproduce/src/render-table.ts'
import {tabulate} from '../../../plugins/reproduce/src/tabulate.ts'
import {transferPlot} from '../../../plugins/reproduce/src/transfer-plot.ts'
import {distilled, smallGrid, trained} from './grid.ts'

const jobs = smallGrid({seeds: [0, 1, 2]})

/** Three vanilla students, one with ABD, no clean KD. */
const shares: Readonly<Record<string, readonly [number, number]>> = {
  badnet_grid: [0.99, 1],
  'badnet_grid-ood-0': [0.7, 0.9],
  'badnet_grid-ood-1': [0.8, 1],
  'badnet_grid-ood-2': [0.9, 0.8],
  'badnet_grid-ood-abd-1': [0.6, 0.1],
}
const cells = new Map(
  jobs.flatMap((job) => {
    const share = shares[job.name]
    if (!share) return []
    const printed = job.place ? distilled(...share) : trained(...share)
    return [[job.name, cellOf(job, printed, {weights: 'a'.repeat(64), seconds: 1})]]
  }),
)

describe('tabulate', () => {
  it('takes mean and deviation over the seeds that there are', () => {
    // Accuracies 70, 80 and 90 have the mean 80 and the deviation 10 of a sample; so have ASRs 90, 100 and 80 with 90.
    const {columns, rows} = tabulate(jobs, cells)
    expect(columns).toEqual([
      {method: null, abd: false},
      {method: 'ood', abd: false},
      {method: 'ood', abd: true},
      {method: 'clean_kd', abd: false},
    ])
    expect(rows).toHaveLength(1)
    const [teacher, vanilla, abd, cleanKd] = rows[0]!.entries
    expect(teacher).toMatchObject({seeds: 1, accuracyPercent: {mean: 99, deviation: null}})
    expect(vanilla).toMatchObject({seeds: 3, accuracyPercent: {mean: 80}, asrPercent: {mean: 90}})
    expect(vanilla!.accuracyPercent.deviation).toBeCloseTo(10)
    expect(abd).toMatchObject({seeds: 1, asrPercent: {mean: 10, deviation: null}})
    expect(cleanKd).toBeNull()
  })
})

describe('renderMarkdown', () => {
  it('says what was run, what is missing, and what was published', () => {
    const table = tabulate(jobs, cells)
    expect(tableTexts(table).rows).toEqual([
      ['badnet_grid', '99.0 / 100.0', '80.0 ± 10.0 / 90.0 ± 10.0 (3)', '60.0 / 10.0', '–'],
    ])
    const text = renderMarkdown(table, {intro: 'INTRO'})
    expect(text).toContain('| trigger | Teacher | OOD | OOD + ABD | Clean KD |')
    expect(text).toContain('| badnet_grid | 92.1 / 99.9 | 71.9 / 96.9 | 68.3 / 0.7 | 74.6 / 4.3 |')
  })
})

describe('pictures', () => {
  const table = tabulate(jobs, cells)

  it('draws the same SVG each time, with a legend', () => {
    const curves = curvesPlot(table, jobs, cells)
    expect(curves).toMatch(/^<svg [^]*badnet_grid[^]*<\/svg>\n$/)
    expect(curves).toContain('solid: vanilla, dashed: with ABD')
    expect(curvesPlot(table, jobs, cells)).toBe(curves)
    const transfer = transferPlot(table, jobs, cells)
    expect(transfer).toContain('OOD + ABD')
    expect(transferPlot(table, jobs, cells)).toBe(transfer)
  })

  it('draws a table without a cell', () => {
    expect(curvesPlot(tabulate(jobs, new Map()), jobs, new Map())).toMatch(/^<svg /)
  })
})
