import {usageError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {DataSplit} from './data-files.ts'
import {badData} from './data-files.ts'
import {fitShape} from './fit-shape.ts'
import type {LabelledImages} from './images.ts'
import {readDataFiles} from './read-data-files.ts'
import type {Reading} from './read-pictures.ts'

/**
 * Labelled images at a path to measure a network on, in this shape: the test split where there is one. With `classes`,
 * the labels must fit a network of so many. Throws what `readDataFiles` throws, E_UNLABELLED and E_CLASSES.
 */
export async function loadLabelled(
  path: string,
  shape: ImageShape,
  classes?: number,
  reading: Reading = {},
): Promise<LabelledImages> {
  const files = await readDataFiles(path, shape, reading)
  const {images, labels} = labelled(path, files.test ?? files.train)
  if (classes !== undefined) {
    if (files.classNames && files.classNames.length !== classes)
      throw usageError({
        code: 'E_CLASSES',
        message: `${path} has ${files.classNames.length} classes, the network ${classes}.`,
        hints: ["Where some are missing, name the folders by the network's class numbers: 0, 1, …"],
      })
    checkLabels(path, labels, classes)
  }
  return {images: fitShape(images, shape, reading), labels}
}

/** Throws E_UNLABELLED. */
export function labelled(path: string, {images, labels}: DataSplit): LabelledImages {
  if (labels) return {images, labels}
  throw usageError({
    code: 'E_UNLABELLED',
    message: `${path} holds images without labels.`,
    hints: [
      'Give the labels too: pictures in a sub-folder for each class, labels_test.npy beside images_test.npy, y_test beside x_test in a .npz or .h5.',
      'Images without labels: abd audit takes them as --images.',
    ],
  })
}

/** Throws E_DATA. */
export function checkLabels(path: string, labels: Int32Array, classes: number): void {
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes))
  if (wrong >= 0)
    throw badData(
      path,
      `gives image ${wrong} the label ${labels[wrong]}, but there are ${classes} classes`,
      `Labels go from 0 to ${classes - 1}.`,
    )
}
