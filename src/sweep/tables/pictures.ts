import {colours, drawSvg, percentAxis} from '../../report/draw-svg.ts'
import {meanCurve} from '../mean-curve.ts'
import type {JobResult} from '../job-result.ts'
import {distinct, labelText, same} from './table.ts'
import type {Grouped, Labels} from './table.ts'

const symbols = ['circle', 'triangle', 'rect', 'diamond']

/** Accuracy against ASR, a point for each job: columns by colour and symbol. Undefined where there are not both. */
export function scatterPlot({request, groups}: Grouped): string | undefined {
  const points = groups.flatMap(({column, results}) =>
    results.flatMap(({values: {accuracy, asr}}) =>
      accuracy === undefined || asr === undefined ? [] : [{column, point: [accuracy, asr]}],
    ),
  )
  if (points.length === 0) return undefined
  const series = distinct(groups.map(({column}) => column)).map((column, i) => ({
    type: 'scatter',
    name: labelText(column, request.job),
    symbol: symbols[i % symbols.length],
    symbolSize: 10,
    clip: false,
    itemStyle: {color: colours[i % colours.length], opacity: 0.75},
    data: points.filter((one) => same(one.column, column)).map(({point}) => point),
  }))
  return drawSvg(
    {
      legend: {top: 4, data: series.map(({name}) => name)},
      grid: {left: 60, right: 24, top: 56, bottom: 48},
      xAxis: {...percentAxis('accuracy, %'), nameGap: 28},
      yAxis: {...percentAxis('ASR, %'), nameGap: 36},
      series,
    },
    {width: 620, height: 420},
  )
}

/**
 * ASR by row and column, a mean over the rest; in percent of the teacher's where every job needs one with an ASR: the share of
 * the backdoor that is handed on. Undefined where there is no ASR.
 */
export function heatMap(
  {request, groups}: Grouped,
  teacherOf: (result: JobResult) => JobResult | undefined,
): string | undefined {
  const [rows, columns] = [distinct(groups.map(({row}) => row)), distinct(groups.map(({column}) => column))]
  const all = groups.flatMap(({results}) => results)
  const isRelative = all.length > 0 && all.every((result) => (teacherOf(result)?.values['asr'] ?? 0) > 0)
  const shareOf = (result: JobResult): number[] => {
    const {asr} = result.values
    if (asr === undefined) return []
    return [isRelative ? (100 * asr) / teacherOf(result)!.values['asr']! : asr]
  }
  const data = groups.flatMap(({row, column, results}) => {
    const shares = results.flatMap(shareOf)
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
    const place = [columns.findIndex((one) => same(one, column)), rows.findIndex((one) => same(one, row))]
    return shares.length === 0 ? [] : [{value: [...place, Math.round(10 * mean) / 10]}]
  })
  if (data.length === 0) return undefined
  const labels = (ones: readonly Labels[]) => ones.map((one) => labelText(one, request.job))
  const axis = {type: 'category', splitArea: {show: true}, axisTick: {show: false}}
  return drawSvg(
    {
      title: {
        text: isRelative ? "ASR in % of the teacher's" : 'ASR, %',
        left: 'center',
        top: 6,
        textStyle: {fontSize: 13, fontWeight: 'normal'},
      },
      grid: {left: 150, right: 80, top: 40, bottom: 40},
      xAxis: {...axis, data: labels(columns)},
      yAxis: {...axis, data: labels(rows), inverse: true},
      visualMap: {
        min: 0,
        max: 100,
        orient: 'vertical',
        right: 8,
        top: 'center',
        itemHeight: 100,
        inRange: {color: ['#ffffff', '#f3c9a5', '#D55E00']},
      },
      series: [
        {
          type: 'heatmap',
          label: {show: true, color: '#000'},
          itemStyle: {borderColor: '#fff', borderWidth: 2},
          data,
        },
      ],
    },
    {width: Math.max(420, 240 + 110 * columns.length), height: 90 + 44 * rows.length},
  )
}

const WIDTH = 300
const HEIGHT = 190
const LEFT = 56
const TOP = 64
const GAP = 40

/**
 * What was measured on the way: a panel for each row and value, means over the rest, columns by colour. Undefined where
 * nothing was.
 */
export function curvesPlot({request, groups}: Grouped): string | undefined {
  const values = request.values.filter((value) =>
    groups.some(({results}) => results.some(({curve}) => curve.some((point) => point[value] !== undefined))),
  )
  if (values.length === 0) return undefined
  const [rows, columns] = [distinct(groups.map(({row}) => row)), distinct(groups.map(({column}) => column))]
  const panels = rows.flatMap((row, across) => values.map((value, down) => ({row, across, value, down})))
  const series = panels.flatMap(({row, value}, panel) =>
    groups
      .filter((group) => same(group.row, row) && group.results.length > 0)
      .map(({column, results}) => ({
        type: 'line',
        name: labelText(column, request.job),
        xAxisIndex: panel,
        yAxisIndex: panel,
        showSymbol: false,
        clip: false,
        itemStyle: {color: colours[columns.findIndex((one) => same(one, column)) % colours.length]},
        data: meanCurve(
          results.map(({curve}) => curve),
          value,
        ),
      })),
  )
  const isPercent = (value: string) => value === 'accuracy' || value === 'asr'
  return drawSvg(
    {
      legend: {top: 0, data: [...new Set(series.map(({name}) => name))], icon: 'rect', itemHeight: 3},
      title: rows.map((row, across) => ({
        text: labelText(row, request.job),
        left: LEFT + across * (WIDTH + GAP) + WIDTH / 2,
        top: TOP - 26,
        textAlign: 'center',
        textStyle: {fontSize: 13},
      })),
      grid: panels.map(({across, down}) => ({
        left: LEFT + across * (WIDTH + GAP),
        top: TOP + down * (HEIGHT + GAP),
        width: WIDTH,
        height: HEIGHT,
      })),
      xAxis: panels.map(({down}, gridIndex) => ({
        type: 'value',
        gridIndex,
        name: down === values.length - 1 ? 'steps' : '',
        nameLocation: 'middle',
        nameGap: 26,
        splitLine: {show: false},
      })),
      yAxis: panels.map(({across, value}, gridIndex) => ({
        ...(isPercent(value)
          ? percentAxis(across === 0 ? `${value}, %` : '')
          : {type: 'value', name: across === 0 ? value : '', nameLocation: 'middle'}),
        nameGap: 34,
        gridIndex,
      })),
      series,
    },
    {
      width: LEFT + rows.length * (WIDTH + GAP),
      height: TOP + values.length * (HEIGHT + GAP) + 10,
    },
  )
}
