import type {Dataset, Images, LabelledImages} from '@abd/core/data'
import {concatImages, normalisations, readImage} from '@abd/core/data'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'

/** CIFAR-10 as 1000 images to a PNG, each a row of 1024 pixels, with the labels of all in labels.js: 4000 to train on, 1000 to test. */
export async function readCifarSheets(from: string): Promise<Dataset> {
  const text = await readFile(join(from, 'labels.js'), 'utf8')
  const labels = JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1)) as number[]
  const sheet = (batch: number): LabelledImages => ({
    images: {
      ...(readImage(join(from, `b${batch}.png`)) satisfies Images),
      count: 1000,
      height: 32,
      width: 32,
    },
    labels: Int32Array.from(labels.slice(batch * 1000, batch * 1000 + 1000)),
  })
  const train = [0, 1, 2, 3].map(sheet)
  const [first, ...rest] = train.map(({images}) => images)
  return {
    name: 'cifar10',
    classes: 10,
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    normalisation: normalisations.cifar10,
    train: {
      images: concatImages(first!, ...rest),
      labels: Int32Array.from(train.flatMap(({labels: l}) => [...l])),
    },
    test: sheet(50),
  }
}
