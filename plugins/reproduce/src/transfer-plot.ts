import type {Cell} from './cell.ts'
import {colours, drawSvg, percentAxis} from '@abd/core/report'
import type {Job} from './job.ts'
import {columnName} from './render-table.ts'
import type {Table} from './tabulate.ts'

const symbols = ['circle', 'triangle', 'rect', 'diamond']

/** ASR of teachers against that of their students, a point for each student: methods by symbol, ABD hollow. */
export function transferPlot(table: Table, jobs: readonly Job[], cells: ReadonlyMap<string, Cell>): string {
  const columns = table.columns.filter(({method}) => method !== null)
  const methods = [...new Set(columns.map(({method}) => method))]
  const series = columns.map((column) => {
    const index = methods.indexOf(column.method)
    const colour = colours[index]!
    return {
      type: 'scatter',
      name: columnName(column),
      symbol: symbols[index % symbols.length],
      symbolSize: 10,
      clip: false,
      itemStyle: column.abd
        ? {color: '#fff', borderColor: colour, borderWidth: 2}
        : {color: colour, opacity: 0.75},
      data: jobs
        .filter(({place}) => place?.method === column.method && place.abd === column.abd)
        .flatMap((job) => {
          const student = cells.get(job.name)
          const teacher = cells.get(job.needs!.name)
          return student && teacher ? [[teacher.asrPercent, student.asrPercent]] : []
        }),
    }
  })
  return drawSvg(
    {
      legend: {top: 4, data: series.map(({name}) => name)},
      grid: {left: 60, right: 24, top: 56, bottom: 48},
      xAxis: {...percentAxis("teacher's ASR, %"), nameGap: 28},
      yAxis: {...percentAxis("student's ASR, %"), nameGap: 36},
      series,
    },
    {width: 620, height: 420},
  )
}
