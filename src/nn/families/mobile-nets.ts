import {mobileNetV2} from '../mobilenet-v2.ts'
import {shuffleNetV2} from '../shufflenet-v2.ts'
import {anySize, type Family} from './family.ts'

/** ImageNet's classes: with so many, torchvision's networks are for its images. */
const IMAGENET = 1000

export const mobileNetV2s: Family = {
  claims: (tensors) =>
    tensors.has('features.1.conv.0.0.weight') && tensors.get('features.18.0.weight')?.shape[0] === 1280,
  first: 'features.0.0.weight',
  head: () => 'classifier.1.weight',
  input: (channels, sizes) =>
    sizes('classifier.1.weight', 0) === IMAGENET ? [224, 224, channels] : anySize(channels),
  make: ({classes, input}) => mobileNetV2({classes, input}),
}

export const shuffleNetV2s: Family = {
  claims: (tensors) => tensors.has('layer1.0.conv5.weight') && tensors.get('conv1.weight')?.shape[0] === 24,
  first: 'conv1.weight',
  head: () => 'linear.weight',
  input: anySize,
  make: ({tensors, classes, input}) =>
    shuffleNetV2({classes, input, stem: tensors.get('conv1.weight')?.shape[2] === 3 ? 3 : 1}),
}
