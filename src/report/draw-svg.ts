import {CustomChart, HeatmapChart, LineChart, ScatterChart} from 'echarts/charts'
import type {EChartsCoreOption} from 'echarts/core'
import {GridComponent, LegendComponent, TitleComponent, VisualMapComponent} from 'echarts/components'
import {init, use} from 'echarts/core'
import {SVGRenderer} from 'echarts/renderers'
import {createHash} from 'node:crypto'

/** Okabe and Ito's colours, which most people can tell apart, and darker ones of them. */
export const colours = [
  ...['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'],
  ...['#000000', '#7A4E00', '#005F46', '#8C2D66'],
]

/** A chart as an SVG file on white, for documents; the same option gives the same bytes. */
export function drawSvg(
  option: EChartsCoreOption,
  size: {readonly width: number; readonly height: number},
): string {
  use([
    ...[CustomChart, HeatmapChart, LineChart, ScatterChart],
    ...[GridComponent, LegendComponent, TitleComponent, VisualMapComponent],
    SVGRenderer,
  ])
  const chart = init(null, null, {renderer: 'svg', ssr: true, ...size})
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#fff',
      color: colours,
      textStyle: {fontFamily: 'system-ui, sans-serif', fontSize: 12},
      ...option,
    })
    return `${withOwnIds(withoutHover(chart.renderToSVGString({useViewBox: true})))}\n`
  } finally {
    chart.dispose()
  }
}

/** Pages show several charts: what one of them refers to by an id must not be found in another. */
function withOwnIds(svg: string): string {
  const own = createHash('sha256').update(svg).digest('hex').slice(0, 8)
  return svg.replaceAll(/\bzr-(?=[a-z]\d)/g, `zr-${own}-`)
}

/** An axis in percent. */
export const percentAxis = (name: string) => ({
  type: 'value',
  name,
  nameLocation: 'middle',
  min: 0,
  max: 100,
  interval: 25,
  splitLine: {lineStyle: {color: '#e5e5e5'}},
})

/** Without styles of hovering, and without numbers that count the charts of a process. */
export const withoutHover = (svg: string): string =>
  svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|ecmeta_\w+|pointer-events|xmlns:xlink|baseProfile)="[^"]*"/g, '')
    .replaceAll(/\bzr\d+-/g, 'zr-')
