import {cifarResNet} from '../cifar-resnet.ts'
import {anySize, count, type Family} from './family.ts'

export const cifarResNets: Family = {
  // ResNet-18 and its kin have the same names, a wider stem and a fourth stage.
  claims: (tensors) => tensors.has('layer1.0.conv1.weight') && tensors.get('conv1.weight')?.shape[0] === 16,
  first: 'conv1.weight',
  head: (tensors) => (tensors.has('linear.weight') ? 'linear.weight' : 'fc.weight'),
  input: anySize,
  make: ({tensors, classes, input}) =>
    cifarResNet({
      depth: 6 * count(tensors, (index) => `layer1.${index}.conv1.weight`) + 2,
      shortcut: tensors.has('layer2.0.downsample.0.weight') ? 'b' : 'a',
      head: tensors.has('linear.weight') ? 'linear' : 'fc',
      classes,
      input,
    }),
}
