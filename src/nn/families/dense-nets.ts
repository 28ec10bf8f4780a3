import type {StateDict} from '../../modelfile/state-dict.ts'
import {denseNet, denseNetDialects, type DenseNetDialect} from '../dense-net.ts'
import {anySize, count, type Family} from './family.ts'

const dialects = Object.keys(denseNetDialects) as DenseNetDialect[]

const dialectOf = (tensors: StateDict): DenseNetDialect | undefined =>
  dialects.find((dialect) => {
    const {layer, transition} = denseNetDialects[dialect]
    return tensors.has(`${layer(1, 0).conv1}.weight`) && tensors.has(`${transition(1).convolution}.weight`)
  })

const namesOf = (tensors: StateDict) => denseNetDialects[dialectOf(tensors) ?? 'cifar']

export const denseNets: Family = {
  claims: (tensors) => dialectOf(tensors) !== undefined,
  first: (tensors) => `${namesOf(tensors).stem}.weight`,
  head: (tensors) => `${namesOf(tensors).head}.weight`,
  input: (channels, _, tensors) =>
    dialectOf(tensors) === 'torchvision' ? [224, 224, channels] : anySize(channels),
  make({tensors, classes, input}) {
    const names = namesOf(tensors)
    const outputs = (name: string) => tensors.get(`${name}.weight`)?.shape[0] ?? 0
    const blocks: number[] = []
    while (tensors.has(`${names.layer(blocks.length + 1, 0).conv1}.weight`)) {
      const block = blocks.length + 1
      blocks.push(count(tensors, (index) => `${names.layer(block, index).conv1}.weight`))
    }
    return denseNet({
      dialect: dialectOf(tensors) ?? 'cifar',
      classes,
      input,
      blocks,
      growth: outputs(names.layer(1, 0).conv2),
      bottleneck: outputs(names.layer(1, 0).conv1),
      stem: outputs(names.stem),
      transitions: blocks.slice(1).map((_, i) => outputs(names.transition(i + 1).convolution)),
    })
  },
}
