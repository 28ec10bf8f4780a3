import fc from 'fast-check'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {AbdError} from '../../../src/errors.ts'
import {encodePng} from '../../../src/data/encode-png.ts'
import {loadDataset} from '../../../src/data/load-dataset.ts'
import {loadImages} from '../../../src/data/load-images.ts'
import {loadLabelled} from '../../../src/data/load-labelled.ts'
import {parseNpy} from '../../../src/data/parse-npy.ts'
import {readDataFiles} from '../../../src/data/read-data-files.ts'
import {parseIdxImages} from '../../../src/data/read-idx.ts'
import {storedArchive} from '../../../src/modelfile/zip/stored-archive.ts'
import {npyFile} from './npy-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-data-'))
})
afterEach(() => rm(folder, {recursive: true}))

const twoPixels = npyFile('|u1', [2, 1, 1], Uint8Array.of(1, 2))

const write = async (name: string, bytes: Uint8Array | string) => {
  const path = join(folder, name)
  await mkdir(dirname(path), {recursive: true})
  await writeFile(path, bytes)
  return path
}

const idx = (sizes: readonly number[], values: readonly number[]) => {
  const header = Buffer.alloc(4 + 4 * sizes.length)
  header.set([0, 0, 8, sizes.length])
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i))
  return Buffer.concat([header, Uint8Array.from(values)])
}

const int32 = (...values: readonly number[]) => new Uint8Array(Int32Array.from(values).buffer)
const float32 = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer)
const png = (value: number, side = 2) =>
  encodePng({
    count: 1,
    height: side,
    width: side,
    channels: 3,
    data: new Uint8Array(side * side * 3).fill(value),
  })

const grey2 = {height: 2, width: 2, channels: 1}

describe('idx files', () => {
  it('are images with the labels beside them, packed or not, a training and a test set', async () => {
    await write('train-images-idx3-ubyte.gz', gzipSync(idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])))
    await write('train-labels-idx1-ubyte', idx([2], [1, 0]))
    await write('t10k-images-idx3-ubyte', idx([1, 2, 2], [9, 9, 9, 9]))
    await write('t10k-labels-idx1-ubyte.gz', gzipSync(idx([1], [1])))

    expect(await readDataFiles(folder)).toEqual({
      format: 'idx',
      train: {
        images: {count: 2, ...grey2, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)},
        labels: Int32Array.of(1, 0),
      },
      test: {images: {count: 1, ...grey2, data: Uint8Array.of(9, 9, 9, 9)}, labels: Int32Array.of(1)},
    })
  })

  it('may be given by the file of images, as torchvision names it', async () => {
    const path = await write('t10k-images.idx3-ubyte', idx([1, 2, 2], [9, 8, 7, 6]))
    await write('t10k-labels.idx1-ubyte', idx([1], [1]))

    const {train} = await readDataFiles(path)
    expect([...train.images.data]).toEqual([9, 8, 7, 6])
    expect(train.labels).toEqual(Int32Array.of(1))
  })

  it.each([
    ['is cut off', idx([2, 2, 2], [1, 2, 3]), 'should be 24 bytes long by its header (2x2x2), but is 19'],
    ['holds floats', Buffer.from([0, 0, 13, 3, 0, 0, 0, 0]), 'does not begin like an idx file'],
    ['is empty', Buffer.alloc(0), 'does not begin like an idx file'],
  ])('say so when one %s', async (_, bytes, message) => {
    await write('train-images-idx3-ubyte', bytes)

    await expect(readDataFiles(folder)).rejects.toMatchObject({
      code: 'E_DATA',
      exit: 4,
      message: expect.stringContaining(message),
    })
  })

  it('say so when there are fewer labels than images', async () => {
    await write('train-images-idx3-ubyte', idx([2, 1, 1], [1, 2]))
    await write('train-labels-idx1-ubyte', idx([1], [1]))

    await expect(readDataFiles(folder)).rejects.toThrow('holds 2 images but 1 labels')
  })

  it('are images or E_DATA, whatever the bytes', () => {
    const bytes = fc.tuple(fc.constantFrom([0, 0, 8, 3], [0, 0, 8, 4], []), fc.uint8Array({maxLength: 40}))
    fc.assert(
      fc.property(bytes, ([start, rest]) => {
        try {
          const {count, height, width, channels, data} = parseIdxImages(
            Uint8Array.from([...start, ...rest]),
            'x',
          )
          expect(data.length).toBe(count * height * width * channels)
        } catch (error) {
          expect(error).toBeInstanceOf(AbdError)
        }
      }),
    )
  })
})

describe("CIFAR-10's binary batches", () => {
  const record = (label: number, red: number, green: number, blue: number) => [
    label,
    ...[red, green, blue].flatMap((value) => new Array<number>(1024).fill(value)),
  ]

  it('are planes of red, green and blue after a label', async () => {
    await write('data_batch_1.bin', Uint8Array.from(record(3, 10, 20, 30)))
    await write('data_batch_2.bin', Uint8Array.from([...record(9, 1, 2, 3), ...record(0, 4, 5, 6)]))
    await write('test_batch.bin', Uint8Array.from(record(7, 7, 8, 9)))
    const {train, test, classNames} = await readDataFiles(folder)

    expect([...train.labels!]).toEqual([3, 9, 0])
    expect([...train.images.data.subarray(0, 6)]).toEqual([10, 20, 30, 10, 20, 30])
    expect([...train.images.data.subarray(2 * 3072, 2 * 3072 + 3)]).toEqual([4, 5, 6])
    expect(train.images).toMatchObject({count: 3, height: 32, width: 32, channels: 3})
    expect([...test!.labels!]).toEqual([7])
    expect(classNames![7]).toBe('horse')
  })

  it('make a dataset that is normalised as the reference does', async () => {
    const each = Array.from({length: 10}, (_, label) => record(label, 10, 20, 30))
    await write('data_batch_1.bin', Uint8Array.from(each.flat()))
    await write('test_batch.bin', Uint8Array.from(record(7, 7, 8, 9)))

    expect(await loadDataset({path: folder})).toMatchObject({
      classes: 10,
      normalisation: {mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201]},
    })
  })

  it.each([
    ['cut off', record(1, 0, 0, 0).slice(1), 'is 3072 bytes long, which is no number of records of 3073'],
    ['of another dataset', record(10, 0, 0, 0), 'gives image 0 the label 10'],
    ['empty', [], 'is 0 bytes long'],
  ])('say so when one is %s', async (_, bytes, message) => {
    const path = await write('test_batch.bin', Uint8Array.from(bytes))

    await expect(readDataFiles(path)).rejects.toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining(message),
    })
  })
})

describe('NumPy arrays', () => {
  const archive = (arrays: Readonly<Record<string, Uint8Array>>) =>
    Buffer.concat(
      storedArchive(
        Object.entries(arrays).map(([name, bytes]) => ({name: `${name}.npy`, bytes})),
        1,
      ),
    )

  it('are images and labels under their usual names', async () => {
    const path = await write(
      'set.npz',
      archive({
        x_train: npyFile('|u1', [2, 2, 2, 1], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
        y_train: npyFile('<i4', [2], int32(1, 0)),
        x_test: npyFile('<f4', [1, 2, 2], float32(0, 0.2, 0.4, 1)),
        y_test: npyFile('<i4', [1, 1], int32(1)),
        other: npyFile('<c8', [1], new Uint8Array(8)),
      }),
    )

    expect(await readDataFiles(path)).toEqual({
      format: 'npz',
      train: {
        images: {count: 2, ...grey2, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)},
        labels: Int32Array.of(1, 0),
      },
      // Floats to 1 are shares of 255: 0.2 · 255 = 51.
      test: {images: {count: 1, ...grey2, data: Uint8Array.of(0, 51, 102, 255)}, labels: Int32Array.of(1)},
    })
  })

  it('may have the channels first', async () => {
    const path = await write(
      'set.npz',
      archive({images: npyFile('|u1', [1, 3, 1, 2], Uint8Array.of(1, 2, 3, 4, 5, 6))}),
    )

    expect((await readDataFiles(path)).train.images).toEqual({
      count: 1,
      height: 1,
      width: 2,
      channels: 3,
      data: Uint8Array.of(1, 3, 5, 2, 4, 6),
    })
  })

  it.each([
    ['one-hot rows', npyFile('<f4', [2, 3], float32(0, 0, 1, 1, 0, 0))],
    ['whole numbers kept as floats', npyFile('<f4', [2, 1], float32(2, 0))],
  ])('may have %s for labels', async (_, y) => {
    const path = await write('set.npz', archive({x: twoPixels, y}))

    expect((await readDataFiles(path)).train.labels).toEqual(Int32Array.of(2, 0))
  })

  it('may lie in a folder, as the reference keeps GTSRB', async () => {
    await write('images_train.npy', npyFile('|u1', [1, 1, 1, 3], Uint8Array.of(1, 2, 3)))
    await write('labels_train.npy', npyFile('<i8', [1], new Uint8Array(BigInt64Array.of(42n).buffer)))

    expect((await readDataFiles(folder)).train.labels).toEqual(Int32Array.of(42))
  })

  it.each([
    ['normalised', {x: npyFile('<f4', [1, 1, 1], float32(-1))}, 'has a pixel of -1'],
    ['not numbers', {x: npyFile('<f4', [1, 1, 2], float32(Number.NaN, 0))}, 'has a pixel of NaN'],
    [
      'column-major',
      {x: npyFile('|u1', [1, 1, 1], Uint8Array.of(1), 'True')},
      'set.npz (x.npy) is stored column by column (Fortran order)',
    ],
    ['flat', {x: npyFile('|u1', [4], Uint8Array.of(1, 2, 3, 4))}, 'has images of shape 4'],
    [
      'cut off',
      {x: npyFile('|u1', [4, 1, 1], Uint8Array.of(1, 2))},
      'should hold 4 bytes of numbers (4x1x1), but holds 2',
    ],
    [
      'not there',
      {weights: npyFile('|u1', [1], Uint8Array.of(1)), Foo: npyFile('|u1', [1], Uint8Array.of(1))},
      'holds weights, Foo, none of which is known to be images',
    ],
    ['none', {}, 'holds no arrays'],
    ['unlike their labels', {x: twoPixels, y: npyFile('<i4', [1], int32(0))}, '2 images but 1 labels'],
    [
      'labelled by rows',
      {x: npyFile('|u1', [1, 1, 1], Uint8Array.of(1)), y: npyFile('<i4', [1, 2], int32(1, 1))},
      'labels of shape 1x2',
    ],
    [
      'labelled between two classes',
      {x: twoPixels, y: npyFile('<f4', [2], float32(1, 1.5))},
      'has a label of 1.5',
    ],
  ])('say so when the images are %s', async (_, arrays, message) => {
    const path = await write('set.npz', archive(arrays))

    await expect(readDataFiles(path)).rejects.toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining(message),
    })
  })

  it('say which labels are to lie beside them in a folder', async () => {
    await write('images_test.npy', npyFile('|u1', [1, 2, 2, 1], new Uint8Array(4)))

    await expect(loadLabelled(folder, grey2)).rejects.toMatchObject({
      code: 'E_UNLABELLED',
      hints: [expect.stringContaining('labels_test.npy beside images_test.npy'), expect.anything()],
    })
  })

  it('say so when the archive is broken', async () => {
    const path = await write(
      'set.npz',
      archive({x: npyFile('|u1', [1, 1, 1], Uint8Array.of(1))}).subarray(0, 100),
    )

    await expect(readDataFiles(path)).rejects.toMatchObject({
      code: 'E_DATA',
      message: expect.stringContaining('set.npz'),
    })
  })

  it('are numbers or E_DATA, whatever is changed in the file', () => {
    const file = npyFile('<f4', [2, 2], float32(1, 2, 3, 4))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), {maxLength: 8}), (changes) => {
        const changed = Uint8Array.from(file)
        for (const [at, value] of changes) changed[at] = value
        try {
          const {shape, data} = parseNpy(changed, 'x')
          expect(data.length).toBe(shape.reduce((all, size) => all * size, 1))
        } catch (error) {
          expect(error).toBeInstanceOf(AbdError)
        }
      }),
      {numRuns: 500},
    )
  })
})

describe('folders of pictures', () => {
  it('are unlabelled when flat', async () => {
    await write('b.png', png(20))
    await write('a.PNG', png(10))
    await write('notes.txt', 'no picture')
    const images = await loadImages(folder, {height: 2, width: 2, channels: 3})

    expect([images.count, images.data[0], images.data[12]]).toEqual([2, 10, 20])
    await expect(loadLabelled(folder, images)).rejects.toMatchObject({code: 'E_UNLABELLED', exit: 2})
  })

  it('have a class a sub-folder, in the order of their names', async () => {
    await write('dog/1.png', png(2))
    await write('cat/2.png', png(1))
    await write('cat/1.png', png(0))
    await write('.cache/1.png', png(9))
    const {train, classNames} = await readDataFiles(folder)

    expect(classNames).toEqual(['cat', 'dog'])
    expect([...train.labels!]).toEqual([0, 0, 1])
    expect([0, 1, 2].map((i) => train.images.data[i * 12])).toEqual([0, 1, 2])
  })

  it('take numbers for labels', async () => {
    await write('10/a.png', png(3))
    await write('9/a.png', png(2))

    expect([...(await readDataFiles(folder)).train.labels!]).toEqual([9, 10])
  })

  it('may have a training and a test set', async () => {
    for (const [split, value] of [
      ['train', 1],
      ['test', 5],
    ] as const)
      for (const name of ['a', 'b']) await write(`${split}/${name}/1.png`, png(value))
    const dataset = await loadDataset({path: folder})

    expect(dataset).toMatchObject({classes: 2, classNames: ['a', 'b']})
    expect(dataset.train.images.data[0]).toBe(1)
    expect(dataset.test.images.data[0]).toBe(5)
    // An audit measures on the test set.
    expect((await loadLabelled(folder, dataset.test.images, 2)).images.data[0]).toBe(5)
  })

  it('are divided by the seed where there is no test set', async () => {
    for (let i = 0; i < 10; i++) await write(`${i % 2 ? 'odd' : 'even'}/${i}.png`, png(i))
    const seen = (images: {data: Uint8Array; count: number}) =>
      Array.from({length: images.count}, (_, i) => images.data[i * 12]!)
    const first = await loadDataset({path: folder, testShare: 0.3, seed: 1})
    const again = await loadDataset({path: folder, testShare: 0.3, seed: 1})

    expect([first.train.images.count, first.test.images.count]).toEqual([7, 3])
    expect([...seen(first.train.images), ...seen(first.test.images)].sort()).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ])
    expect(again).toEqual(first)
    // Picture i is of class i mod 2 ('even' before 'odd').
    expect([...first.test.labels]).toEqual(seen(first.test.images).map((value) => value % 2))
  })

  it('are resized to the shape that is asked for, and say so', async () => {
    await write('a.png', png(10, 4))
    await write('b.png', png(20, 2))
    const notes: string[] = []
    const progress = {start: () => ({advance() {}, end() {}}), note: (line: string) => void notes.push(line)}
    const images = await loadImages(folder, {height: 2, width: 2, channels: 1}, {progress})

    expect([...images.data]).toEqual([10, 10, 10, 10, 20, 20, 20, 20])
    expect(notes).toEqual(['1 of 2 pictures were resized to 2x2.'])
  })

  it('name the file that is broken', async () => {
    await write('cat/1.png', png(0))
    await write('dog/broken.png', png(0).subarray(0, 40))

    await expect(readDataFiles(folder)).rejects.toMatchObject({
      code: 'E_IMAGE',
      message: expect.stringContaining(join('dog', 'broken.png')),
    })
  })

  it('say so when there is nothing', async () => {
    await expect(readDataFiles(folder)).rejects.toMatchObject({code: 'E_NO_IMAGES'})
    await expect(readDataFiles(join(folder, 'nowhere'))).rejects.toMatchObject({code: 'E_FILE_MISSING'})
  })

  it('says what arrays are called, where a folder has some of other names', async () => {
    await write('x_train.npy', npyFile('|u1', [1, 2, 2, 3], new Uint8Array(12)))
    await expect(readDataFiles(folder)).rejects.toMatchObject({
      code: 'E_NO_IMAGES',
      hints: [expect.stringMatching(/^It has x_train\.npy: .*images_train\.npy/), expect.anything()],
    })
  })
})
