import {drawSvg, percentAxis} from '@abd/core/report'
import {rocPoints} from './roc.ts'
import type {Scores} from './roc.ts'

/** ROC curves as an SVG on white: all attacks together first and thick, then each. Shares in percent. */
export function rocPlot(curves: readonly {readonly name: string; readonly scores: Scores}[]): string {
  return drawSvg(
    {
      legend: {top: 4, type: 'plain', itemGap: 18, data: curves.map(({name}) => name)},
      grid: {left: 60, right: 24, top: 24 + 22 * Math.ceil(curves.length / 5), bottom: 48},
      xAxis: {...percentAxis('clean models taken for poisoned, %'), nameGap: 28},
      yAxis: {...percentAxis('poisoned models found, %'), nameGap: 36},
      series: curves.map(({name, scores}, i) => ({
        type: 'line',
        name,
        showSymbol: false,
        lineStyle: {width: i === 0 ? 3 : 1.5, type: i === 0 ? 'solid' : 'dashed'},
        data: rocPoints(scores).map(({falsePositives, truePositives}) => [
          100 * falsePositives,
          100 * truePositives,
        ]),
      })),
    },
    {width: 620, height: 460},
  )
}
