import {readdir, stat} from 'node:fs/promises'
import {basename} from 'node:path'
import {environmentError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {DataFiles} from './data-files.ts'
import {cifarBatch, readCifar} from './read-cifar.ts'
import {readFolder} from './read-folder.ts'
import {idxImages, readIdx} from './read-idx.ts'
import {npyImages, readNpyFolder} from './read-npy-folder.ts'
import {readNpz} from './read-npz.ts'
import type {Reading} from './read-pictures.ts'
import {readPictures} from './read-pictures.ts'

/**
 * Whatever is at a path: idx files, CIFAR-10's binary batches, .npz, a folder of .npy, a folder of pictures or one
 * picture. Pictures come in `shape`, where it is given; the other formats as they are.
 * Throws E_FILE_MISSING, E_DATA, E_IMAGE and E_NO_IMAGES.
 */
export async function readDataFiles(
  path: string,
  shape?: ImageShape,
  reading: Reading = {},
): Promise<DataFiles> {
  const found = await stat(path).catch(() => undefined)
  if (!found)
    throw environmentError({
      code: 'E_FILE_MISSING',
      message: `There is no file or folder ${path}.`,
      hints: ['Check the path; it is relative to the current folder.'],
    })
  const isFolder = found.isDirectory()
  const names = isFolder ? await readdir(path) : [basename(path)]
  if (names.some((name) => idxImages.test(name))) return readIdx(path, isFolder)
  if (names.some((name) => cifarBatch.test(name))) return readCifar(path, isFolder)
  if (isFolder && names.some((name) => npyImages.test(name))) return readNpyFolder(path)
  if (isFolder) return readFolder(path, shape, reading)
  if (/\.npz$/i.test(path)) return readNpz(path)
  return {format: 'picture', train: {images: await readPictures([path], shape, reading)}}
}
