import {readFile} from 'node:fs/promises'
import {dirname, extname, join} from 'node:path'
import type {CifarFamily} from './cifar-families.ts'
import type {DataFiles, DataSplit} from './data-files.ts'
import {badData} from './data-files.ts'
import {parseCifarPickle} from './parse-cifar-pickle.ts'
import {readBytes} from './read-bytes.ts'
import {concatImages} from './take-images.ts'

const SIDE = 32
const PLANE = SIDE * SIDE

/**
 * CIFAR-10 or CIFAR-100, of the binary or the Python version, out of its files (their paths); CIFAR-100's labels are the
 * fine ones. Throws E_DATA.
 */
export async function readCifar(files: readonly string[], family: CifarFamily): Promise<DataFiles> {
  const read = async (file: string) => {
    const bytes = await readBytes(file)
    return extname(file) === '.bin' ? parseRecords(bytes, file, family) : parsePickle(bytes, file, family)
  }
  const tests = files.length > 1 ? files.filter((file) => /test[^/\\]*$/.test(file)) : []
  const trains = files.filter((name) => !tests.includes(name))
  const test = tests[0] === undefined ? undefined : await read(tests[0])
  const train = trains.length > 0 ? joined(await Promise.all(trains.map(read))) : test!
  const classNames = family.classNames ?? (await namesBeside(files[0]!, family))
  return {
    format: family.format,
    train,
    ...(classNames ? {classNames} : {}),
    ...(test && trains.length > 0 ? {test} : {}),
  }
}

async function namesBeside(
  file: string,
  {names = '', classes}: CifarFamily,
): Promise<readonly string[] | undefined> {
  const text = await readFile(join(dirname(file), names), 'utf8').catch(() => '')
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.length === classes ? lines : undefined
}

type Labelled = Required<DataSplit>

/** Records of labels and three planes of 32x32 bytes. */
function parseRecords(bytes: Uint8Array, name: string, family: CifarFamily): Labelled {
  const size = family.labelBytes + 3 * PLANE
  const count = bytes.length / size
  if (!Number.isInteger(count) || count === 0)
    throw badData(
      name,
      `is ${bytes.length} bytes long, which is no number of records of ${size}`,
      `Is the file whole, and of the binary version of ${family.title}?`,
    )
  const record = (i: number) => bytes.subarray(i * size, (i + 1) * size)
  const labels = Int32Array.from({length: count}, (_, i) => record(i)[family.labelBytes - 1]!)
  return labelledPlanes(labels, (i) => record(i).subarray(family.labelBytes), {name, family})
}

function parsePickle(bytes: Uint8Array, name: string, family: CifarFamily): Labelled {
  const {rows, labels} = parseCifarPickle(bytes, name, family, 3 * PLANE)
  const planes = (i: number) => rows.subarray(i * 3 * PLANE, (i + 1) * 3 * PLANE)
  return labelledPlanes(Int32Array.from(labels), planes, {name, family})
}

/** Planes of red, green and blue become pixels. */
function labelledPlanes(
  labels: Int32Array,
  planes: (image: number) => Uint8Array,
  {name, family: {title, classes}}: {readonly name: string; readonly family: CifarFamily},
): Labelled {
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes))
  if (wrong >= 0)
    throw badData(
      name,
      `gives image ${wrong} the label ${labels[wrong]}`,
      `${title}'s labels go from 0 to ${classes - 1}; other datasets of this form are not read.`,
    )
  const count = labels.length
  const data = new Uint8Array(count * 3 * PLANE)
  for (let i = 0; i < count; i++) {
    const image = planes(i)
    for (let p = 0; p < PLANE; p++)
      for (let k = 0; k < 3; k++) data[(i * PLANE + p) * 3 + k] = image[k * PLANE + p]!
  }
  return {images: {count, height: SIDE, width: SIDE, channels: 3, data}, labels}
}

function joined(batches: readonly Labelled[]): Labelled {
  const labels = new Int32Array(batches.reduce((count, batch) => count + batch.labels.length, 0))
  let offset = 0
  for (const batch of batches) {
    labels.set(batch.labels, offset)
    offset += batch.labels.length
  }
  const [first, ...rest] = batches.map((batch) => batch.images)
  return {images: concatImages(first!, ...rest), labels}
}
