import {resNet, resNetDepths, type ResNetDepth} from '../resnet.ts'
import {preActResNet18} from '../preact-resnet.ts'
import {anySize, count, type Family} from './family.ts'
import type {StateDict} from '../../modelfile/state-dict.ts'

const isWide = (tensors: StateDict) =>
  tensors.get('conv1.weight')?.shape[0] === 64 && tensors.has('layer4.0.conv1.weight')

const headOf = (tensors: StateDict) => (tensors.has('linear.weight') ? 'linear.weight' : 'fc.weight')

const stemOf = (tensors: StateDict) =>
  tensors.get('conv1.weight')?.shape[2] === 7 ? ('imagenet' as const) : ('cifar' as const)

/** The depth with those blocks, or the nearest: what is missing is then named. */
function depthOf(tensors: StateDict): ResNetDepth {
  const bottleneck = tensors.has('layer1.0.conv3.weight')
  const third = count(tensors, (index) => `layer3.${index}.conv1.weight`)
  const depths = Object.entries(resNetDepths).filter(([, known]) => known.bottleneck === bottleneck)
  const [depth] = depths.toSorted(
    ([, a], [, b]) => Math.abs(a.blocks[2] - third) - Math.abs(b.blocks[2] - third),
  )[0]!
  return Number(depth) as ResNetDepth
}

/** torchvision's and those for CIFAR, which differ in names and in the stem. */
export const resNets: Family = {
  claims: (tensors) => isWide(tensors) && tensors.has('bn1.weight'),
  first: 'conv1.weight',
  head: headOf,
  input: (channels, sizes) => (sizes('conv1.weight', 2) === 7 ? [224, 224, channels] : anySize(channels)),
  make: ({tensors, classes, input}) =>
    resNet({
      depth: depthOf(tensors),
      stem: stemOf(tensors),
      shortcut: tensors.has('layer2.0.downsample.0.weight') ? 'downsample' : 'shortcut',
      head: tensors.has('linear.weight') ? 'linear' : 'fc',
      classes,
      input,
    }),
}

export const preActResNets: Family = {
  claims: (tensors) => isWide(tensors) && !tensors.has('bn1.weight'),
  first: 'conv1.weight',
  head: headOf,
  input: anySize,
  make: ({classes, input}) => preActResNet18({classes, input}),
}
