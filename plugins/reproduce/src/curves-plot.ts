import type {Cell} from './cell.ts'
import {colours, drawSvg, percentAxis} from '@abd/core/report'
import {meanCurve} from '@abd/core/sweep'
import type {Job} from './job.ts'
import {columnName} from './render-table.ts'
import type {Table} from './tabulate.ts'

const WIDTH = 300
const HEIGHT = 190
const LEFT = 56
const TOP = 64
const GAP = 40

const measures = [
  {name: 'accuracyPercent', label: 'accuracy, %'},
  {name: 'asrPercent', label: 'ASR, %'},
] as const

/**
 * Accuracy and ASR of students over their steps, a column of two panels for each method: triggers by colour, means over
 * seeds, vanilla solid and ABD dashed.
 */
export function curvesPlot(table: Table, jobs: readonly Job[], cells: ReadonlyMap<string, Cell>): string {
  const methods = [...new Set(table.columns.flatMap(({method}) => method ?? []))]
  const triggers = table.rows.map(({trigger}) => trigger)
  const panels = methods.flatMap((method, column) =>
    measures.map((measure, row) => ({method, column, measure, row})),
  )
  const lines = panels.flatMap(({method, measure}, panel) =>
    triggers.flatMap((trigger, i) =>
      [false, true].flatMap((abd) => {
        const made = jobs
          .filter(({place, trigger: of}) => of === trigger && place?.method === method && place.abd === abd)
          .flatMap(({name}) => cells.get(name) ?? [])
        if (made.length === 0) return []
        return [
          {
            type: 'line',
            name: trigger,
            xAxisIndex: panel,
            yAxisIndex: panel,
            showSymbol: false,
            clip: false,
            lineStyle: {width: 2, type: abd ? 'dashed' : 'solid'},
            itemStyle: {color: colours[i % colours.length]},
            data: meanCurve(
              made.map(({curve}) => curve),
              measure.name,
            ),
          },
        ]
      }),
    ),
  )
  return drawSvg(
    {
      legend: {top: 0, data: [...new Set(lines.map(({name}) => name))], icon: 'rect', itemHeight: 3},
      title: [
        {text: 'solid: vanilla, dashed: with ABD', left: 'center', top: 22, textStyle: note},
        ...methods.map((method, column) => ({
          text: columnName({method, abd: false}),
          left: LEFT + column * (WIDTH + GAP) + WIDTH / 2,
          top: TOP - 22,
          textAlign: 'center',
          textStyle: {fontSize: 13},
        })),
      ],
      grid: panels.map(({column, row}) => ({
        left: LEFT + column * (WIDTH + GAP),
        top: TOP + row * (HEIGHT + GAP),
        width: WIDTH,
        height: HEIGHT,
      })),
      xAxis: panels.map(({row}, gridIndex) => ({
        type: 'value',
        gridIndex,
        name: row === 1 ? 'steps' : '',
        nameLocation: 'middle',
        nameGap: 26,
        splitLine: {show: false},
      })),
      yAxis: panels.map(({column, measure}, gridIndex) => ({
        ...percentAxis(column === 0 ? measure.label : ''),
        nameGap: 34,
        gridIndex,
      })),
      series: lines,
    },
    {
      width: Math.max(LEFT + methods.length * (WIDTH + GAP), 110 * triggers.length),
      height: TOP + 2 * (HEIGHT + GAP) + 10,
    },
  )
}

const note = {fontSize: 12, fontWeight: 'normal', color: '#555'}
