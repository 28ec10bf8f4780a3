import {expect, it} from 'vitest'
import {drawSvg, percentAxis} from '../../../src/report/draw-svg.ts'

const chart = (values: readonly number[]) =>
  drawSvg(
    {
      xAxis: {type: 'value'},
      yAxis: percentAxis('x'),
      series: [{type: 'line', data: values.map((y, x) => [x, y])}],
    },
    {width: 300, height: 200},
  )
const idsOf = (svg: string) => [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!)

it('draws the same chart in the same bytes', () => {
  expect(chart([1, 50, 90])).toBe(chart([1, 50, 90]))
})

it('names what a chart refers to after the chart, so that a page can show several', () => {
  const [one, other] = [chart([1, 50, 90]), chart([90, 50, 1])]
  expect(idsOf(one).length).toBeGreaterThan(0)
  expect(idsOf(one).filter((id) => idsOf(other).includes(id))).toEqual([])
  for (const [, id] of one.matchAll(/url\(#([^)]+)\)/g)) expect(idsOf(one)).toContain(id)
})
