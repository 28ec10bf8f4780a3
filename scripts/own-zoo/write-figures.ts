import {encodeNpy, withChannels} from '@abd/core/data'
import type {Random} from '@abd/core/engine'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {drawFigure, FIGURE_SIDE} from './draw-figure.ts'
import {figures} from './figures.ts'

export interface FigureSet {
  /** Names of `figures`; label n is the n-th of them. */
  readonly classes: readonly string[]
  /** Training images a class. */
  readonly perClass: number
  readonly channels: 1 | 3
}

const TESTS = 50

/** A data set as users bring theirs: a folder of .npy files, classes taking turns. */
export async function writeFigures(
  folder: string,
  {classes, perClass, channels}: FigureSet,
  random: Random,
): Promise<void> {
  await mkdir(folder, {recursive: true})
  for (const [split, each] of [
    ['train', perClass],
    ['test', TESTS],
  ] as const) {
    const count = each * classes.length
    const data = new Uint8Array(count * FIGURE_SIDE ** 2 * 3)
    const labels = Int32Array.from({length: count}, (_, n) => n % classes.length)
    for (const [n, label] of labels.entries())
      data.set(drawFigure(figures[classes[label]!]!, random.fork(split).fork(n)), n * FIGURE_SIDE ** 2 * 3)
    const colours = {count, height: FIGURE_SIDE, width: FIGURE_SIDE, channels: 3, data}
    const images = withChannels(colours, channels)
    const write = (name: string, shape: readonly number[], values: Uint8Array | Int32Array) =>
      writeFile(join(folder, `${name}_${split}.npy`), Buffer.concat(encodeNpy(shape, values)))
    await write('images', [count, FIGURE_SIDE, FIGURE_SIDE, channels], images.data)
    await write('labels', [count], labels)
  }
}
