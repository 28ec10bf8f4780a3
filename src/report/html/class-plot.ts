import {ScatterChart} from 'echarts/charts'
import {GridComponent, MarkAreaComponent, MarkLineComponent} from 'echarts/components'
import {init, use} from 'echarts/core'
import {SVGRenderer} from 'echarts/renderers'
import type {Finding, Report} from '../../audit/report-schema.ts'
import {className} from '../class-label.ts'
import {withoutHover} from '../draw-svg.ts'
import {number} from '../figures.ts'
import {shorten, visible} from '../visible.ts'
import type {Html} from './html.ts'
import {html, trusted} from './html.ts'

const width = 340
const height = 190

/**
 * A detector's statistic for every class as dots, above the band of the calibration's clean models. Colours are the
 * page's variables, so that dark mode and paper get their own.
 */
export function classPlot(
  report: Report,
  finding: Finding & {perClass: readonly number[]},
  label: string,
): Html {
  use([ScatterChart, GridComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer])
  const chart = init(null, null, {renderer: 'svg', ssr: true, width, height})
  try {
    chart.setOption(optionOf(report, finding))
    return trusted(tidy(chart.renderToSVGString({useViewBox: true}), label))
  } finally {
    chart.dispose()
  }
}

/**
 * The band is of the statistic itself: it belongs beside the classes only where the statistic is the largest of theirs,
 * not where it is computed across all of them (an outlier index, say).
 */
export const bandOf = ({statistic, perClass, band}: Finding): Finding['band'] =>
  statistic !== null && perClass?.some((value) => Math.abs(value - statistic) <= 1e-6 * Math.abs(statistic))
    ? band
    : undefined

function optionOf(report: Report, finding: Finding & {perClass: readonly number[]}) {
  const {perClass, target} = finding
  const band = bandOf(finding)
  const last = perClass.length - 1
  const {min, max} = rangeOf([...perClass, ...(band ?? [])])
  const marked = target !== null && target <= last ? target : null
  const muted = 'var(--muted)'
  return {
    animation: false,
    textStyle: {fontFamily: 'inherit', fontSize: 12},
    grid: {left: 44, right: 12, top: 22, bottom: 24},
    xAxis: {
      type: 'value',
      min: -0.6,
      max: last + 0.6,
      splitLine: {show: false},
      axisTick: {show: false},
      axisLine: {lineStyle: {color: 'var(--line-strong)'}},
      axisLabel: {color: muted, customValues: ticks(last), formatter: String},
      axisPointer: {show: false},
    },
    yAxis: {
      type: 'value',
      min,
      max,
      splitNumber: 4,
      axisLine: {show: false},
      axisTick: {show: false},
      axisLabel: {color: muted, showMinLabel: min === 0, showMaxLabel: false, formatter: number},
      splitLine: {lineStyle: {color: 'var(--line)'}},
    },
    series: [
      {
        type: 'scatter',
        silent: true,
        clip: false,
        z: 3,
        symbolSize: last < 60 ? 7 : last < 200 ? 4 : 3,
        data: perClass.map((value, index) => ({
          value: [index, value],
          itemStyle: {color: index === marked ? 'var(--hot)' : 'var(--dot)', opacity: 1},
          symbol: index === marked ? 'diamond' : 'circle',
          ...(index === marked ? {symbolSize: 12, label: markedLabel(report, index, last)} : {}),
        })),
        ...(band ? bandMarks(band) : {}),
      },
    ],
  }
}

const markedLabel = (report: Report, index: number, last: number) => {
  const name = className(report, index)
  const side = index < last * 0.35 ? 'left' : index > last * 0.65 ? 'right' : 'center'
  return {
    show: true,
    position: 'top',
    distance: 5,
    color: 'var(--text)',
    fontWeight: 600,
    fontSize: 12,
    align: side,
    offset: [side === 'left' ? -5 : side === 'right' ? 5 : 0, 0],
    formatter: () => shorten(visible(name === undefined ? `class ${index}` : `${index} · ${name}`), 28),
  }
}

const bandMarks = ([low, middle, high]: readonly [number, number, number]) => ({
  markArea: {silent: true, itemStyle: {color: 'var(--band)'}, data: [[{yAxis: low}, {yAxis: high}]]},
  markLine: {
    silent: true,
    symbol: 'none',
    label: {show: false},
    data: [{yAxis: middle}],
    lineStyle: {color: 'var(--muted)', type: [4, 3], width: 1},
  },
})

/** Zero belongs to the axis where the numbers come near it. */
function rangeOf(values: readonly number[]): {min: number; max: number} {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const margin = (high - low || Math.abs(high) || 1) * 0.12
  return {min: low >= 0 && low < high * 0.5 ? 0 : low - margin, max: high + margin}
}

/** First, last and a few round class numbers between. */
function ticks(last: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((size) => last / size <= 10) ?? Math.ceil(last / 8)
  return Array.from({length: Math.floor(last / step) + 1}, (_, i) => i * step)
}

/** Our own accessible opening tag. */
const tidy = (svg: string, label: string): string =>
  withoutHover(svg).replace(/^<svg width="\d+" height="\d+"/, () =>
    String(html`<svg role="img" aria-label="${label}"`),
  )
