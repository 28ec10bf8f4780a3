import {colours, drawSvg} from '@abd/core/report'
import type {Profile} from './profile.ts'

interface Bar {
  readonly row: number
  readonly from: number
  readonly to: number
  readonly label: string
  readonly colour: string
}

const ROWS = ['cycle', 'part', 'runs', 'of the graph']
const OTHER = 'other kernels'

/** A profile as a flame chart of four rows: the cycle, its parts, JavaScript and graph of each, and what the graph does; an SVG. */
export function flameChart({parts, machine, cycles}: Profile): string {
  const {bars, end} = barsOf(parts)
  return drawSvg(
    {
      title: {
        text: `A cycle of ZSKT, captured: ${(end / 1000).toFixed(2)} s`,
        subtext: `batch 128, WRN-16-2 to WRN-16-1, mean of ${cycles}; ${machine}`,
        left: 'center',
      },
      grid: {left: 90, right: 20, top: 60, bottom: 45},
      xAxis: {
        type: 'value',
        min: 0,
        max: 50 * Math.ceil(end / 50),
        name: 'milliseconds',
        nameLocation: 'middle',
        nameGap: 28,
      },
      yAxis: {type: 'category', data: ROWS, inverse: true, axisTick: {show: false}, axisLine: {show: false}},
      series: [
        {
          type: 'custom',
          data: bars.map(({from, to, row}) => [from, to, row]),
          encode: {x: [0, 1], y: 2},
          renderItem: (_: unknown, api: Api) => {
            const [from, to, row] = [api.value(0), api.value(1), api.value(2)]
            const bar = bars.find((one) => one.row === row && one.from === from && one.to === to)!
            const [x, y] = api.coord([from, row]) as [number, number]
            const width = (api.coord([to, row])[0] as number) - x
            const height = 0.85 * (api.size([0, 1])[1] as number)
            return {
              type: 'rect',
              shape: {x, y: y - height / 2, width, height},
              style: {fill: bar.colour, stroke: '#fff'},
              textContent: {
                type: 'text',
                style: {
                  text: labelOf(bar, width),
                  fill: '#000',
                  fontSize: 11,
                  width: (width < UPRIGHT ? height : width) - 6,
                  overflow: 'truncate',
                },
              },
              textConfig: {position: 'inside', ...(width < UPRIGHT ? {rotation: Math.PI / 2} : {})},
            }
          },
        },
      ],
    },
    {width: 1100, height: 680},
  )
}

/** What a custom series of echarts is drawn with. */
interface Api {
  value(dimension: number): number
  coord(data: readonly number[]): number[]
  size(data: readonly number[]): number[]
}

/** Pixels: narrower bars have their label along their height, the narrowest none. */
const [UPRIGHT, NARROWEST] = [110, 14] as const

const labelOf = ({label, from, to}: Bar, width: number) =>
  width < NARROWEST ? '' : `${label}${width < UPRIGHT ? ' ' : '\n'}${Math.round(to - from)} ms`

function barsOf(parts: Profile['parts']): {readonly bars: readonly Bar[]; readonly end: number} {
  const kinds = [...new Set(parts.flatMap(({graph}) => Object.keys(graph)))]
    .filter((kind) => kind !== OTHER)
    .toSorted((a, b) => a.localeCompare(b))
  const colourOf = (kind: string) =>
    kind === OTHER ? '#bbbbbb' : `${colours[kinds.indexOf(kind) % colours.length]!}99`
  const bars: Bar[] = []
  let from = 0
  for (const {name, javascript, graph} of parts) {
    const began = from
    bars.push({row: 2, from, to: from + javascript, label: 'JavaScript', colour: '#f0e442'})
    from += javascript
    for (const kind of [...kinds, OTHER]) {
      const time = graph[kind] ?? 0
      if (time === 0) continue
      bars.push({row: 3, from, to: from + time, label: kind, colour: colourOf(kind)})
      from += time
    }
    bars.push({row: 2, from: began + javascript, to: from, label: 'graph', colour: '#d9d9d9'})
    bars.push({row: 1, from: began, to: from, label: name, colour: '#e9e2d0'})
  }
  bars.push({row: 0, from: 0, to: from, label: 'a cycle', colour: '#eeeeee'})
  return {bars, end: from}
}
