import {wideResNet} from '../wide-resnet.ts'
import {anySize, count, type Family} from './family.ts'

export const wideResNets: Family = {
  claims: (tensors) => tensors.has('block1.layer.0.conv1.weight'),
  first: 'conv1.weight',
  head: () => 'fc.weight',
  input: anySize,
  make: ({tensors, classes, input}) =>
    wideResNet({
      depth: 6 * count(tensors, (index) => `block1.layer.${index}.conv1.weight`) + 4,
      width: Math.max(1, Math.floor((tensors.get('block1.layer.0.conv1.weight')?.shape[0] ?? 0) / 16)),
      classes,
      input,
    }),
}
