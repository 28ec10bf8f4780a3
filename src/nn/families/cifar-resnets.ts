import type {StateDict} from '../../modelfile/state-dict.ts'
import {cifarResNet} from '../cifar-resnet.ts'
import {anySize, count, type Family} from './family.ts'

/** Of CMI's wide ones, whose first stage has twice the channels of the stem. */
const isTimesFour = (tensors: StateDict) =>
  stemOf(tensors) === 32 && tensors.has('layer1.0.downsample.0.weight')

const stemOf = (tensors: StateDict) => tensors.get('conv1.weight')?.shape[0]

export const cifarResNets: Family = {
  // ResNet-18 and its kin have the same names, a wider stem and a fourth stage.
  claims: (tensors) =>
    tensors.has('layer1.0.conv1.weight') && (stemOf(tensors) === 16 || isTimesFour(tensors)),
  first: 'conv1.weight',
  head: (tensors) => (tensors.has('linear.weight') ? 'linear.weight' : 'fc.weight'),
  input: anySize,
  make: ({tensors, classes, input}) =>
    cifarResNet({
      depth: 6 * count(tensors, (index) => `layer1.${index}.conv1.weight`) + 2,
      ...(isTimesFour(tensors)
        ? {shortcut: 'b', width: 4}
        : {shortcut: tensors.has('layer2.0.downsample.0.weight') ? 'b' : 'a'}),
      head: tensors.has('linear.weight') ? 'linear' : 'fc',
      classes,
      input,
    }),
}
