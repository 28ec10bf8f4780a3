import * as tf from '@tensorflow/tfjs-core'
import type {Architecture} from './architecture.ts'
import {averagePool} from './average-pool.ts'
import {chain, type Stage} from './chain.ts'
import {relu} from './relu.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, convolution, linear} from './specification.ts'
import {stemPool} from './stem-pool.ts'

/** How an implementation names its layers, and on which side of its input a layer puts what it adds. */
interface Dialect {
  readonly stem: string
  /** Torchvision: a wide stem with BatchNorm and pooling. */
  readonly stemNorm?: string
  layer(block: number, index: number): {norm1: string; conv1: string; norm2: string; conv2: string}
  transition(block: number): {norm: string; convolution: string}
  readonly lastNorm: string
  readonly head: string
  readonly newFirst: boolean
}

const plainLayer = (name: string) => ({
  norm1: `${name}.bn1`,
  conv1: `${name}.conv1`,
  norm2: `${name}.bn2`,
  conv2: `${name}.conv2`,
})

export const denseNetDialects = {
  /** kuangliu/pytorch-cifar. */
  cifar: {
    stem: 'conv1',
    layer: (block, index) => plainLayer(`dense${block}.${index}`),
    transition: (block) => ({norm: `trans${block}.bn`, convolution: `trans${block}.conv`}),
    lastNorm: 'bn',
    head: 'linear',
    newFirst: true,
  },
  /** andreasveit/densenet-pytorch. */
  veit: {
    stem: 'conv1',
    layer: (block, index) => plainLayer(`block${block}.layer.${index}`),
    transition: (block) => ({norm: `trans${block}.bn1`, convolution: `trans${block}.conv1`}),
    lastNorm: 'bn1',
    head: 'fc',
    newFirst: false,
  },
  torchvision: {
    stem: 'features.conv0',
    stemNorm: 'features.norm0',
    layer(block, index) {
      const name = `features.denseblock${block}.denselayer${index + 1}`
      return {
        norm1: `${name}.norm1`,
        conv1: `${name}.conv1`,
        norm2: `${name}.norm2`,
        conv2: `${name}.conv2`,
      }
    },
    transition: (block) => ({
      norm: `features.transition${block}.norm`,
      convolution: `features.transition${block}.conv`,
    }),
    lastNorm: 'features.norm5',
    head: 'classifier',
    newFirst: false,
  },
} as const satisfies Record<string, Dialect>
export type DenseNetDialect = keyof typeof denseNetDialects

export interface DenseNetOptions {
  readonly dialect: DenseNetDialect
  readonly classes: number
  readonly input: readonly [number, number, number]
  /** Layers in each block. */
  readonly blocks: readonly number[]
  /** Channels that a layer adds. */
  readonly growth: number
  /** Channels after the stem. */
  readonly stem: number
  /** Channels that each transition leaves. */
  readonly transitions: readonly number[]
  /** Channels between a layer's two convolutions. */
  readonly bottleneck: number
}

/**
 * DenseNet-BC (Huang et al., 2017): layers of BatchNorm, ReLU, 1 x 1, BatchNorm, ReLU, 3 x 3, whose outputs are put
 * beside their inputs; between blocks a 1 x 1 convolution and a mean over two by two.
 */
export function denseNet(options: DenseNetOptions): Architecture {
  const {dialect, classes, input, blocks, growth, bottleneck, transitions} = options
  const names: Dialect = denseNetDialects[dialect]
  const stages: Stage[] = [stem(names, input[2], options.stem)]
  let channels = options.stem
  for (const [position, count] of blocks.entries()) {
    const block = position + 1
    for (let index = 0; index < count; index++) {
      const stage = layer(names.layer(block, index), {channels, growth, bottleneck}, names.newFirst)
      stages.push({...stage, endsGroup: index === count - 1})
      channels += growth
    }
    const outputs = transitions[position]
    if (outputs === undefined) continue
    stages.push(transition(names.transition(block), channels, outputs))
    channels = outputs
  }
  const depth = 2 * blocks.reduce((sum, count) => sum + count, 0) + blocks.length + 1
  return chain({
    name: `densenet-bc-${depth}-${growth}`,
    classes,
    input,
    stages,
    head: {
      specification: [
        ...batchNorm(names.lastNorm, channels),
        ...linear(names.head, {inputs: channels, outputs: classes}),
      ],
      layer: names.head,
      features: (pass, h) => spatialMean(relu(pass.batchNorm(names.lastNorm, h))),
    },
  })
}

function stem(names: Dialect, inputs: number, outputs: number): Stage {
  const {stemNorm} = names
  if (stemNorm === undefined)
    return {
      specification: convolution(names.stem, {inputs, outputs, size: 3}),
      run: (pass, x) => pass.convolution(names.stem, x),
    }
  return {
    specification: [...convolution(names.stem, {inputs, outputs, size: 7}), ...batchNorm(stemNorm, outputs)],
    run: (pass, x) => stemPool(relu(pass.batchNorm(stemNorm, pass.convolution(names.stem, x, 2)))),
  }
}

function layer(
  names: ReturnType<Dialect['layer']>,
  {channels, growth, bottleneck}: {channels: number; growth: number; bottleneck: number},
  newFirst: boolean,
): Stage {
  return {
    specification: [
      ...batchNorm(names.norm1, channels),
      ...convolution(names.conv1, {inputs: channels, outputs: bottleneck, size: 1}),
      ...batchNorm(names.norm2, bottleneck),
      ...convolution(names.conv2, {inputs: bottleneck, outputs: growth, size: 3}),
    ],
    run(pass, x) {
      const inner = pass.convolution(names.conv1, relu(pass.batchNorm(names.norm1, x)))
      const added = pass.convolution(names.conv2, relu(pass.batchNorm(names.norm2, inner)))
      return tf.concat(newFirst ? [added, x] : [x, added], 3)
    },
  }
}

const transition = (names: ReturnType<Dialect['transition']>, channels: number, outputs: number): Stage => ({
  specification: [
    ...batchNorm(names.norm, channels),
    ...convolution(names.convolution, {inputs: channels, outputs, size: 1}),
  ],
  run: (pass, x) => averagePool(pass.convolution(names.convolution, relu(pass.batchNorm(names.norm, x)))),
})
