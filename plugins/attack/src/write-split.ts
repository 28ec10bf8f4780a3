import type {Context} from '@abd/core'
import type {Images} from '@abd/core/data'
import {encodeNpy, encodePng, takeImages} from '@abd/core/data'
import {mkdir, open, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

/** One set of images as other tools shall read it. */
export interface ExportedSplit {
  readonly name: 'train' | 'test'
  readonly images: Images
  /** What a network is told, or shall be led to. */
  readonly labels: Int32Array
  /** What the images were before. */
  readonly originalLabels: Int32Array
  /** Of each image, its number in the data set's own split: files are named after it. */
  readonly numbers: Int32Array
  /** Which images bear a trigger: positions here, ascending. */
  readonly poisoned: Int32Array
}

/**
 * images_NAME.npy (uint8, [N, H, W, C]), and labels_NAME.npy, original_labels_NAME.npy, numbers_NAME.npy and
 * poisoned_NAME.npy (int64, one dimension) in a folder that is there.
 */
export async function writeArrays(folder: string, split: ExportedSplit): Promise<void> {
  const {name, images, labels, originalLabels, numbers, poisoned} = split
  const {count, height, width, channels, data} = images
  await writeNpy(join(folder, `images_${name}.npy`), [count, height, width, channels], data)
  for (const [array, values] of Object.entries({
    labels,
    original_labels: originalLabels,
    numbers,
    poisoned,
  }))
    await writeNpy(join(folder, `${array}_${name}.npy`), [values.length], BigInt64Array.from(values, BigInt))
}

/** A new .npy file. */
export async function writeNpy(
  path: string,
  shape: readonly number[],
  data: Parameters<typeof encodeNpy>[1],
): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for (const piece of encodeNpy(shape, data)) await file.writeFile(piece)
  } finally {
    await file.close()
  }
}

/** NAME/LABEL/NUMBER.png, labels in five digits, numbers in six: a folder for each class, as many tools read it. */
export async function writePictures(
  folder: string,
  {name, images, labels, numbers}: ExportedSplit,
  {progress, signal}: Pick<Context, 'progress' | 'signal'>,
): Promise<void> {
  const place = (label: number) => join(folder, name, String(label).padStart(5, '0'))
  for (const label of new Set(labels)) await mkdir(place(label), {recursive: true})
  const task = progress.start(`Writing pictures (${name})`, images.count)
  try {
    for (const [i, label] of labels.entries()) {
      signal.throwIfAborted()
      const file = join(place(label), `${String(numbers[i]).padStart(6, '0')}.png`)
      await writeFile(file, encodePng(takeImages(images, [i])))
      task.advance()
    }
  } finally {
    task.end()
  }
}
