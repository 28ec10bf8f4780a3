import * as tf from '@tensorflow/tfjs-core'
import type {Architecture} from './architecture.ts'
import {chain, type Stage} from './chain.ts'
import {relu} from './relu.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, convolution, linear, type Specification} from './specification.ts'
import {stemPool} from './stem-pool.ts'

/** Blocks of the four stages, and whether they are bottlenecks of three convolutions. */
export const resNetDepths = {
  18: {blocks: [2, 2, 2, 2], bottleneck: false},
  34: {blocks: [3, 4, 6, 3], bottleneck: false},
  50: {blocks: [3, 4, 6, 3], bottleneck: true},
  101: {blocks: [3, 4, 23, 3], bottleneck: true},
} as const
export type ResNetDepth = keyof typeof resNetDepths

export interface ResNetOptions {
  readonly depth: ResNetDepth
  readonly classes: number
  /** 'cifar': 3 x 3 at stride 1, no pooling. 'imagenet': 7 x 7 at stride 2, then pooling. */
  readonly stem?: 'cifar' | 'imagenet'
  /** Height, width, channels; by default 32 x 32 x 3, with ImageNet's stem 224 x 224 x 3. */
  readonly input?: readonly [number, number, number]
  /** What the shortcut and the last layer are called: torchvision's `downsample` and `fc`, CIFAR's `shortcut` and `linear`. */
  readonly shortcut?: 'downsample' | 'shortcut'
  readonly head?: 'fc' | 'linear'
}

/**
 * ResNet-18, -34, -50 and -101 (He et al., 2015) with 64 to 512 channels: torchvision's, and the usual ones for CIFAR, whose
 * name has no `-imagenet`. In a bottleneck the 3 x 3 convolution has the stride.
 */
export function resNet({
  depth,
  classes,
  stem = 'cifar',
  input = stem === 'cifar' ? [32, 32, 3] : [224, 224, 3],
  shortcut = 'shortcut',
  head = 'linear',
}: ResNetOptions): Architecture {
  const {blocks, bottleneck} = resNetDepths[depth]
  const expansion = bottleneck ? 4 : 1
  const stages: Stage[] = [
    {
      specification: [
        ...convolution('conv1', {inputs: input[2], outputs: 64, size: stem === 'cifar' ? 3 : 7}),
        ...batchNorm('bn1', 64),
      ],
      run(pass, x) {
        const a = relu(pass.batchNorm('bn1', pass.convolution('conv1', x, stem === 'cifar' ? 1 : 2)))
        return stem === 'cifar' ? a : stemPool(a)
      },
    },
  ]
  let inputs = 64
  for (const [group, count] of blocks.entries())
    for (let index = 0; index < count; index++) {
      const width = 64 * 2 ** group
      const stage = block({
        name: `layer${group + 1}.${index}`,
        inputs,
        width,
        outputs: width * expansion,
        stride: group > 0 && index === 0 ? 2 : 1,
        shortcut,
        bottleneck,
      })
      stages.push({...stage, endsGroup: index === count - 1})
      inputs = width * expansion
    }
  return chain({
    name: `resnet-${depth}${stem === 'imagenet' ? '-imagenet' : ''}`,
    classes,
    input,
    stages,
    head: {
      specification: linear(head, {inputs, outputs: classes}),
      layer: head,
      features: (_, h) => spatialMean(h),
    },
  })
}

interface Block {
  readonly name: string
  readonly inputs: number
  readonly width: number
  readonly outputs: number
  readonly stride: number
  readonly shortcut: string
  readonly bottleneck: boolean
}

function block({name, inputs, width, outputs, stride, shortcut, bottleneck}: Block): Stage {
  const projects = stride !== 1 || inputs !== outputs
  const layers = bottleneck
    ? [
        {inputs, outputs: width, size: 1, stride: 1},
        {inputs: width, outputs: width, size: 3, stride},
        {inputs: width, outputs, size: 1, stride: 1},
      ]
    : [
        {inputs, outputs: width, size: 3, stride},
        {inputs: width, outputs, size: 3, stride: 1},
      ]
  const specification: Specification = [
    ...layers.flatMap((layer, i) => [
      ...convolution(`${name}.conv${i + 1}`, layer),
      ...batchNorm(`${name}.bn${i + 1}`, layer.outputs),
    ]),
    ...(projects
      ? [
          ...convolution(`${name}.${shortcut}.0`, {inputs, outputs, size: 1}),
          ...batchNorm(`${name}.${shortcut}.1`, outputs),
        ]
      : []),
  ]
  return {
    specification,
    run(pass, x) {
      const y = layers.reduce((h, layer, i) => {
        const z = pass.batchNorm(
          `${name}.bn${i + 1}`,
          pass.convolution(`${name}.conv${i + 1}`, h, layer.stride),
        )
        return i === layers.length - 1 ? z : relu(z)
      }, x)
      const passed = projects
        ? pass.batchNorm(`${name}.${shortcut}.1`, pass.convolution(`${name}.${shortcut}.0`, x, stride))
        : x
      return relu(tf.add(y, passed))
    },
  }
}
