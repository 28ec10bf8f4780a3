import {readFileSync} from 'node:fs'
import {openEngine} from '@abd/core/engine'
import {
  cmiVgg,
  denseNet,
  inferArchitecture,
  mobileNetV2,
  networkFromStateDict,
  plainCnn,
  preActResNet18,
  resNet,
  shuffleNetV2,
} from '@abd/core/nn'
import type {Architecture} from '@abd/core/nn'
import {beforeAll, describe, expect, test} from 'vitest'
import {expectClose, filledStateDict, images} from './golden.ts'

interface Golden {
  readonly name: string
  readonly input: [number, number, number]
  readonly logits: number[]
}

/** PyTorch's, of scripts/golden_architectures.py. */
const golden = JSON.parse(
  readFileSync(new URL('golden-architectures.json', import.meta.url), 'utf8'),
) as Golden[]

const small = {classes: 10, growth: 4, stem: 8, bottleneck: 16} as const
const input = [32, 32, 3] as const
const architectures: Readonly<Record<string, Architecture>> = {
  'resnet-18': resNet({depth: 18, classes: 10, shortcut: 'downsample', head: 'fc'}),
  'resnet-50': resNet({depth: 50, classes: 10, shortcut: 'downsample', head: 'fc', input: [16, 16, 3]}),
  'resnet-18-imagenet': resNet({
    depth: 18,
    classes: 10,
    stem: 'imagenet',
    shortcut: 'downsample',
    head: 'fc',
    input: [64, 64, 3],
  }),
  'preact-resnet-18': preActResNet18({classes: 10}),
  // Channels: 8, two layers of 4 more each, half of 16, and so on.
  'densenet cifar': denseNet({...small, dialect: 'cifar', input, blocks: [2, 2, 2], transitions: [8, 8]}),
  'densenet veit': denseNet({...small, dialect: 'veit', input, blocks: [2, 2, 2], transitions: [8, 8]}),
  'densenet torchvision': denseNet({
    ...small,
    dialect: 'torchvision',
    input: [64, 64, 3],
    blocks: [2, 2],
    transitions: [8],
  }),
  'mobilenet-v2': mobileNetV2({classes: 10}),
  'shufflenet-v2': shuffleNetV2({classes: 10, input: [16, 16, 3]}),
  'vgg-8': cmiVgg({depth: 8, classes: 10}),
  'plain-cnn': plainCnn({
    classes: 10,
    input: [28, 28, 1],
    convolutions: [
      {layer: 'conv1', outputs: 32, size: 3, padded: true, pooled: true},
      {layer: 'conv2', outputs: 64, size: 3, padded: true, pooled: true},
    ],
    linears: [
      {layer: 'linear1', outputs: 200},
      {layer: 'linear2', outputs: 10},
    ],
  }),
}

beforeAll(async () => {
  await openEngine('auto')
})

describe('architectures against PyTorch', () => {
  test('all of them are compared', () => {
    expect(Object.keys(architectures)).toEqual(golden.map(({name}) => name))
  })

  test.each(golden)('$name: found from names and shapes, with its logits', async ({name, input, logits}) => {
    const stateDict = filledStateDict(architectures[name]!, () => 0.2)
    const found = inferArchitecture(stateDict, {input})
    expect(found.name).toBe(architectures[name]!.name)
    expect([...found.parameters.keys()]).toEqual([...stateDict.keys()])

    using network = networkFromStateDict(found, stateDict)
    const [height, width, channels] = input
    const x = images([1, channels, height, width], 0.013)
    const {logits: own} = network.architecture.forward(network.parameters, x, 'eval')
    expectClose(await own.data(), logits, 1e-4)
  })
})
