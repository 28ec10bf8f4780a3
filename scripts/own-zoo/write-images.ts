import {encodeNpy, withChannels} from '@abd/core/data'
import type {Random} from '@abd/core/engine'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {ImageClass} from './image-class.ts'
import {SIDE} from './image-class.ts'

export interface ImageSet {
  /** Label n is the n-th of them. */
  readonly classes: readonly ImageClass[]
  /** Training images a class. */
  readonly perClass: number
  readonly channels: 1 | 3
}

const TESTS = 50

/** A data set as users bring theirs: a folder of .npy files, classes taking turns. */
export async function writeImages(
  folder: string,
  {classes, perClass, channels}: ImageSet,
  random: Random,
): Promise<void> {
  await mkdir(folder, {recursive: true})
  for (const [split, each] of [
    ['train', perClass],
    ['test', TESTS],
  ] as const) {
    const count = each * classes.length
    const data = new Uint8Array(count * SIDE ** 2 * 3)
    const labels = Int32Array.from({length: count}, (_, n) => n % classes.length)
    for (const [n, label] of labels.entries())
      data.set(classes[label]!(random.fork(split).fork(n)), n * SIDE ** 2 * 3)
    const colours = {count, height: SIDE, width: SIDE, channels: 3, data}
    const images = withChannels(colours, channels)
    const write = (name: string, shape: readonly number[], values: Uint8Array | Int32Array) =>
      writeFile(join(folder, `${name}_${split}.npy`), Buffer.concat(encodeNpy(shape, values)))
    await write('images', [count, SIDE, SIDE, channels], images.data)
    await write('labels', [count], labels)
  }
}
