import {copyFile, mkdir, mkdtemp, rm, truncate, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {silent} from '../../../src/context.ts'
import {loadDataset} from '../../../src/data/load-dataset.ts'
import {readDataFiles} from '../../../src/data/read-data-files.ts'
import {npyFile} from './npy-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-sets-'))
})
afterEach(() => rm(folder, {recursive: true}))

const write = async (name: string, bytes: Uint8Array | string) => {
  const path = join(folder, name)
  await mkdir(dirname(path), {recursive: true})
  await writeFile(path, bytes)
  return path
}

/** Planes of 32x32 bytes of one red, one green and one blue. */
const planes = (...colour: readonly [number, number, number]) =>
  colour.flatMap((value) => new Array<number>(1024).fill(value))

const refused = (message: string) => ({
  code: 'E_DATA',
  exit: 4,
  message: expect.stringContaining(message) as string,
})

describe('CIFAR-100', () => {
  it('has its fine labels after the coarse ones, and their names where the file is there', async () => {
    await write('train.bin', Uint8Array.from([3, 99, ...planes(10, 20, 30), 4, 0, ...planes(1, 2, 3)]))
    await write('test.bin', Uint8Array.from([19, 11, ...planes(7, 8, 9)]))
    const names = Array.from({length: 100}, (_, i) => `class ${i}`)
    await write('fine_label_names.txt', `${names.join('\n')}\n`)
    const {format, train, test, classNames} = await readDataFiles(folder)

    expect(format).toBe('cifar-100')
    expect([...train.labels!]).toEqual([99, 0])
    expect([...train.images.data.subarray(3072, 3078)]).toEqual([1, 2, 3, 1, 2, 3])
    expect([...test!.labels!]).toEqual([11])
    expect(classNames).toEqual(names)
  })

  it('is normalised as the reference does', async () => {
    const records = Array.from({length: 100}, (_, label) => [0, label, ...planes(label, 0, 0)])
    await write('train.bin', Uint8Array.from(records.flat()))

    expect(await loadDataset({path: folder})).toMatchObject({
      classes: 100,
      normalisation: {mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761]},
    })
  })

  it('is found in the folder that its archive unpacks to, among no other', async () => {
    await write('cifar-100-binary/train.bin', Uint8Array.from([3, 99, ...planes(10, 20, 30)]))
    await write('readme.txt', '')

    expect(await readDataFiles(folder)).toMatchObject({
      format: 'cifar-100',
      train: {labels: Int32Array.of(99)},
    })

    await write('cifar-10-batches-bin/data_batch_1.bin', Uint8Array.from([9, ...planes(1, 2, 3)]))
    await expect(readDataFiles(folder)).rejects.toMatchObject(
      refused('holds cifar-10-batches-bin and cifar-100-binary'),
    )
  })

  it('says so when it is CIFAR-10', async () => {
    const path = await write('train.bin', Uint8Array.from([1, ...planes(0, 0, 0)]))

    await expect(readDataFiles(path)).rejects.toMatchObject(refused('no number of records of 3074'))
  })
})

describe("CIFAR's Python version", () => {
  const text = (value: string) => [0x55, value.length, ...Buffer.from(value)]
  const int32 = (value: number) => [...new Uint8Array(Int32Array.of(value).buffer)]
  const global = (name: string) => [0x63, ...Buffer.from(`${name}\n`)]
  /** What Python 2 wrote: {'labels': [label, …], 'data': an array of bytes [n, 3072]}. */
  const pickle = (key: string, labels: readonly number[], rows: readonly number[], type = 'u1') =>
    Uint8Array.from([
      ...[0x80, 2, 0x7d, 0x28],
      ...[...text(key), 0x5d, 0x28, ...labels.flatMap((label) => [0x4b, label]), 0x65],
      ...text('data'),
      // numpy.core.multiarray._reconstruct(numpy.ndarray, (0,), 'b')
      ...[...global('numpy.core.multiarray\n_reconstruct'), ...global('numpy\nndarray')],
      ...[0x4b, 0, 0x85, ...text('b'), 0x87, 0x52],
      // BUILD with (1, (n, 3072), dtype, False, bytes)
      ...[0x28, 0x4b, 1, 0x4b, labels.length, 0x4d, 0x00, 0x0c, 0x86],
      ...[...global('numpy\ndtype'), ...text(type), 0x4b, 0, 0x4b, 1, 0x87, 0x52],
      ...[0x89, 0x54, ...int32(rows.length), ...rows, 0x74, 0x62],
      ...[0x75, 0x2e],
    ])

  it('is read without running anything: bytes above 127 stay what they are', async () => {
    await write('data_batch_1', pickle('labels', [6, 9], [...planes(200, 128, 255), ...planes(1, 2, 3)]))
    await write('test_batch', pickle('labels', [3], planes(0, 99, 250)))
    const {format, train, test} = await readDataFiles(folder)

    expect(format).toBe('cifar-10')
    expect([...train.labels!]).toEqual([6, 9])
    expect([...train.images.data.subarray(0, 3)]).toEqual([200, 128, 255])
    expect([...train.images.data.subarray(3072, 3075)]).toEqual([1, 2, 3])
    expect([...test!.images.data.subarray(0, 3)]).toEqual([0, 99, 250])
  })

  it('of CIFAR-100 is known by its file of names', async () => {
    await write('meta', '')
    await write('train', pickle('fine_labels', [42], planes(5, 6, 7)))

    expect(await readDataFiles(folder)).toMatchObject({
      format: 'cifar-100',
      train: {labels: Int32Array.of(42)},
    })
  })

  it.each([
    ['is no pickle', Uint8Array.of(1, 2, 3), 'cannot be read'],
    ['has another label key', pickle('fine_labels', [1], planes(1, 2, 3)), 'holds no data and labels'],
    ['holds floats', pickle('labels', [1], planes(1, 2, 3), 'f4'), 'holds no data and labels'],
    ['is short of images', pickle('labels', [1, 2], planes(1, 2, 3)), '3072 bytes of images, but 2 labels'],
    ['has a label out of range', pickle('labels', [10], planes(1, 2, 3)), 'gives image 0 the label 10'],
  ])('says so when a file %s', async (_, bytes, message) => {
    const path = await write('data_batch_1', bytes)

    await expect(readDataFiles(path)).rejects.toMatchObject(refused(message))
  })
})

const ppm = (value: number, side = 32) =>
  Buffer.concat([
    Buffer.from(`P6\n# a camera\n${side} ${side}\n255\n`),
    new Uint8Array(side * side * 3).fill(value),
  ])
const list = (...rows: readonly (readonly [string, number])[]) =>
  [
    'Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId',
    ...rows.map(([name, label]) => `${name};32;32;1;2;30;31;${label}`),
    '',
  ].join('\r\n')

describe('GTSRB', () => {
  const classFolder = (label: number) => `Final_Training/Images/${String(label).padStart(5, '0')}`
  beforeEach(async () => {
    for (let label = 0; label < 43; label++)
      await write(`${classFolder(label)}/00000_00000.ppm`, ppm(label, label === 0 ? 48 : 32))
    await write('Final_Test/Images/00000.ppm', ppm(200))
    await write('Final_Test/Images/00001.ppm', ppm(201))
    await write('GT-final_test.csv', list(['00001.ppm', 16], ['00000.ppm', 1]))
  })

  it('is its class folders and the labels of its list, 32x32, normalised as the reference does', async () => {
    const {classes, classNames, normalisation, train, test} = await loadDataset({path: folder})

    expect([classes, classNames[14]]).toEqual([43, 'stop'])
    expect(normalisation.mean).toEqual([0.3403, 0.3121, 0.3214])
    expect([...train.labels]).toEqual(Array.from({length: 43}, (_, label) => label))
    expect(train.images).toMatchObject({count: 43, height: 32, width: 32, channels: 3})
    expect(train.images.data[42 * 3072]).toBe(42)
    // In the list's order.
    expect([...test.labels]).toEqual([16, 1])
    expect([test.images.data[0], test.images.data[3072]]).toEqual([201, 200])
  })

  it('may lie in a folder of that name, as torchvision unpacks it', async () => {
    await mkdir(join(folder, 'root/GTSRB'), {recursive: true})
    for (let label = 0; label < 43; label++)
      await write(`root/GTSRB/Training/${String(label).padStart(5, '0')}/a.ppm`, ppm(label))

    const {format, train, test} = await readDataFiles(join(folder, 'root'))
    expect([format, train.images.count, test]).toEqual(['gtsrb', 43, undefined])
  })

  it('may be the arrays that the reference caches', async () => {
    await write('cache/GTSRB/images_train.npy', npyFile('|u1', [1, 1, 1, 3], Uint8Array.of(1, 2, 3)))
    await write('cache/GTSRB/labels_train.npy', npyFile('|u1', [1], Uint8Array.of(42)))

    for (const path of ['cache', 'cache/GTSRB'])
      expect(await readDataFiles(join(folder, path))).toMatchObject({
        format: 'gtsrb',
        train: {labels: Int32Array.of(42)},
      })
  })

  it.each([
    [
      'a class is missing',
      () => rm(join(folder, classFolder(7)), {recursive: true}),
      'has no pictures of class 7 in 00007',
    ],
    [
      'a picture of the list is missing',
      () => rm(join(folder, 'Final_Test/Images/00000.ppm')),
      'names 00000.ppm, which is not there',
    ],
    [
      'a class list names a missing picture',
      () => write(`${classFolder(3)}/GT-00003.csv`, list(['00000_00001.ppm', 3])),
      'names 00000_00001.ppm, which is not there',
    ],
    [
      'a picture lies in the folder of another class',
      () => write(`${classFolder(3)}/GT-00003.csv`, list(['00000_00000.ppm', 4])),
      'gives 00000_00000.ppm the class 4, but it lies in the folder of class 3',
    ],
    [
      'a label is out of range',
      () => write('GT-final_test.csv', list(['00000.ppm', 43])),
      "is wrong in line 2: '00000.ppm;32;32;1;2;30;31;43'",
    ],
    [
      'the list is the one without classes',
      () => write('GT-final_test.csv', 'Filename;Width;Height\n00000.ppm;32;32\n'),
      'has no columns Filename and ClassId',
    ],
    [
      'there is no list',
      () => rm(join(folder, 'GT-final_test.csv')),
      'has the test pictures of GTSRB but not their labels',
    ],
  ])('says so when %s', async (_, damage, message) => {
    await damage()

    await expect(readDataFiles(folder)).rejects.toMatchObject(refused(message))
  })

  it('says how many test pictures its list leaves out', async () => {
    await write('GT-final_test.csv', list(['00001.ppm', 16]))
    const notes: string[] = []
    const {test} = await readDataFiles(folder, undefined, {
      progress: {...silent, note: (line) => void notes.push(line)},
    })

    expect(test!.images.count).toBe(1)
    expect(notes).toContain(
      `${join(folder, 'GT-final_test.csv')} names 1 of the 2 pictures of ${join(folder, 'Final_Test/Images')}: the others are left out.`,
    )
  })

  it('advises to unpack the archive where the list of a class is broken', async () => {
    await write(`${classFolder(3)}/GT-00003.csv`, 'Filename;Width;Height\n00000.ppm;32;32\n')

    await expect(readDataFiles(folder)).rejects.toMatchObject({hints: ['Unpack the whole archive again.']})
  })

  it('names a picture that is cut off', async () => {
    await write(`${classFolder(5)}/00000_00000.ppm`, ppm(5).subarray(0, 2000))

    await expect(readDataFiles(folder)).rejects.toMatchObject({
      code: 'E_IMAGE',
      message: expect.stringMatching(/00005.00000_00000\.ppm cannot be decoded: it should hold 3072 samples/),
    })
  })
})

describe('HDF5', () => {
  // Written by h5py: X_train uint8 [3, 32, 32, 3] = i mod 251, Y_train float64 one-hot of 7, 0 and 42, X_test the first
  // image + 1, Y_test uint8 one-hot of 0; gzip-packed chunks.
  const fixture = fileURLToPath(new URL('../../fixtures/gtsrb.h5', import.meta.url))

  it('is the GTSRB that the reference links to', async () => {
    const {format, train, test, classNames} = await readDataFiles(fixture)

    expect([format, classNames?.[14]]).toEqual(['gtsrb', 'stop'])
    expect([...train.labels!]).toEqual([7, 0, 42])
    expect([...train.images.data]).toEqual(Array.from({length: 9216}, (_, i) => i % 251))
    expect(test).toMatchObject({images: {count: 1, height: 32}, labels: Int32Array.of(0)})
    expect([...test!.images.data.subarray(0, 2)]).toEqual([1, 2])
  })

  // Written by h5py with compression='lzf'.
  const packed = fileURLToPath(new URL('../../fixtures/lzf.h5', import.meta.url))

  it('that is packed by an extension says by which, not that it is broken', async () => {
    await expect(readDataFiles(packed)).rejects.toMatchObject(refused('lzf.h5 (X_train) is packed with lzf'))
  })

  it('that is none or is cut off is one clear error', async () => {
    const text = await write('text.h5', 'this is no HDF5')
    const cut = join(folder, 'cut.h5')
    await copyFile(fixture, cut)
    await truncate(cut, 3000)

    for (const path of [text, cut])
      await expect(readDataFiles(path)).rejects.toMatchObject(refused('cannot be read as HDF5'))
  })
})

describe('loadDataset', () => {
  it('refuses a set in which a class has no image', async () => {
    await write('0/a.ppm', ppm(1))
    await write('2/a.ppm', ppm(1))

    await expect(loadDataset({path: folder})).rejects.toMatchObject(
      refused('has no training image of class 1, one of 3'),
    )
  })
})
