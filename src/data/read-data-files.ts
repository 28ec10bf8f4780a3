import {readdir, stat} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {environmentError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {DataFiles} from './data-files.ts'
import {badData} from './data-files.ts'
import {cifarAmong, cifarFolder, missingBatches} from './cifar-families.ts'
import {readCifar} from './read-cifar.ts'
import {findGtsrb, readGtsrb} from './read-gtsrb.ts'
import {readHdf5} from './read-hdf5.ts'
import {readFolder} from './read-folder.ts'
import {idxImages, readIdx} from './read-idx.ts'
import {npyImages, readNpyFolder} from './read-npy-folder.ts'
import {readNpz} from './read-npz.ts'
import type {Reading} from './read-pictures.ts'
import {readPictures} from './read-pictures.ts'

/**
 * Whatever is at a path: idx files, CIFAR's files or the folder that they unpack to, .npz, HDF5, GTSRB, a folder of .npy, a folder of pictures or
 * one picture. Pictures come in `shape`, where it is given; the other formats as they are.
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
  const cifar = cifarAmong(names)
  if (cifar) {
    const files = isFolder ? cifar.files.map((name) => join(path, name)) : [path]
    const absent = isFolder ? missingBatches(cifar.files, cifar.family) : []
    if (absent.length > 0)
      reading.progress?.note(
        `${path} lacks ${absent.join(', ')} of ${cifar.family.title}: its training images are not all there.`,
      )
    return readCifar(files, cifar.family)
  }
  const unpacked = isFolder ? names.filter((name) => cifarFolder.test(name)).sort() : []
  if (unpacked.length > 1)
    throw badData(path, `holds ${unpacked.join(' and ')}`, `Name one of them: ${join(path, unpacked[0]!)}`)
  if (unpacked[0] !== undefined) return readDataFiles(join(path, unpacked[0]), shape, reading)
  const gtsrb = isFolder ? await findGtsrb(path) : undefined
  if (gtsrb) return readGtsrb(gtsrb, reading)
  if (isFolder && names.some((name) => npyImages.test(name))) return readNpyFolder(path)
  if (isFolder) return readFolder(path, shape, reading)
  if (/\.npz$/i.test(path)) return readNpz(path)
  if (/\.(h5|hdf5)$/i.test(path)) return readHdf5(path)
  return {format: 'picture', train: {images: await readPictures([path], shape, reading)}}
}
