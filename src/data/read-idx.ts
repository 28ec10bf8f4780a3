import {readdir} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {DataFiles, DataSplit} from './data-files.ts'
import {badData, checkedImages, checkedSplit} from './data-files.ts'
import type {Images} from './images.ts'
import {readBytes} from './read-bytes.ts'

/** What idx files of images are called: `train-images-idx3-ubyte`, `t10k-images.idx3-ubyte.gz`. */
export const idxImages = /images[-.]idx[34]-ubyte(\.gz)?$/

/**
 * MNIST, Fashion-MNIST and their like: a folder of idx files, or one file of images, with its labels beside it.
 * Throws E_DATA and E_FILE_MISSING.
 */
export async function readIdx(path: string, isFolder: boolean): Promise<DataFiles> {
  if (!isFolder) return {format: 'idx', train: await readPair(path)}
  const files = (await readdir(path)).filter((name) => idxImages.test(name)).sort()
  const test = files.find((name) => /^(t10k|test)/.test(name))
  const train = files.find((name) => name !== test) ?? test!
  return {
    format: 'idx',
    train: await readPair(join(path, train)),
    ...(test === undefined || test === train ? {} : {test: await readPair(join(path, test))}),
  }
}

async function readPair(path: string): Promise<DataSplit> {
  const images = checkedImages(path, parseIdxImages(await readBytes(path), path))
  const wanted = basename(path)
    .replace('images', 'labels')
    .replace(/idx[34]/, 'idx1')
    .replace(/\.gz$/, '')
  const beside = (await readdir(dirname(path))).find((name) => name.replace(/\.gz$/, '') === wanted)
  if (beside === undefined) return {images}
  return checkedSplit(path, images, parseIdxLabels(await readBytes(join(dirname(path), beside)), beside))
}

/** Unsigned bytes of 3 (grey) or 4 (channels last) dimensions, sizes as big-endian 32-bit numbers before them. */
export function parseIdxImages(bytes: Uint8Array, name: string): Images {
  const [count, height, width, channels = 1] = sizesOf(bytes, name, [3, 4])
  return {
    count: count!,
    height: height!,
    width: width!,
    channels,
    data: bytes.subarray(bytes.length - product([count!, height!, width!, channels])),
  }
}

function parseIdxLabels(bytes: Uint8Array, name: string): Int32Array {
  const [count] = sizesOf(bytes, name, [1])
  return Int32Array.from(bytes.subarray(bytes.length - count!))
}

function sizesOf(bytes: Uint8Array, name: string, dimensions: readonly number[]): readonly number[] {
  const wrong = (why: string) =>
    badData(name, why, 'Is the file whole, and an idx file of unsigned bytes (idx3-ubyte, idx1-ubyte)?')
  const rank = bytes[3] ?? 0
  if (
    bytes[0] !== 0 ||
    bytes[1] !== 0 ||
    bytes[2] !== 8 ||
    !dimensions.includes(rank) ||
    bytes.length < 4 + 4 * rank
  )
    throw wrong('does not begin like an idx file')
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const sizes = Array.from({length: rank}, (_, i) => view.getUint32(4 + 4 * i))
  const wanted = 4 + 4 * rank + product(sizes)
  if (wanted !== bytes.length)
    throw wrong(`should be ${wanted} bytes long by its header (${sizes.join('x')}), but is ${bytes.length}`)
  return sizes
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1)
