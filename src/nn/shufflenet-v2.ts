import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Architecture} from './architecture.ts'
import {chain, type Stage} from './chain.ts'
import type {Pass} from './pass.ts'
import {relu} from './relu.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, convolution, linear, type Specification} from './specification.ts'

export interface ShuffleNetV2Options {
  readonly classes: number
  /** Height, width, channels; by default 32 x 32 x 3. */
  readonly input?: readonly [number, number, number]
  /** Of the stem's filter: 1 in CMI and RepDistiller, 3 in kuangliu's. */
  readonly stem?: 1 | 3
}

/** Channels and blocks after the first of each stage, of the net of size 1. */
const stages = [
  [116, 3],
  [232, 7],
  [464, 3],
] as const
const LAST = 1024

/** ShuffleNetV2 (Ma et al., 2018) for images of 32 pixels, as CMI has it: a stem at full resolution and no pooling after it. */
export function shuffleNetV2({classes, input = [32, 32, 3], stem = 1}: ShuffleNetV2Options): Architecture {
  const links: Stage[] = [
    {
      specification: unit('', 1, {inputs: input[2], outputs: 24, size: stem}),
      run: (pass, x) => relu(pass.batchNorm('bn1', pass.convolution('conv1', x))),
    },
  ]
  let inputs = 24
  for (const [group, [outputs, blocks]] of stages.entries()) {
    links.push(downBlock(`layer${group + 1}.0.`, inputs, outputs))
    for (let index = 1; index <= blocks; index++)
      links.push({...basicBlock(`layer${group + 1}.${index}.`, outputs), endsGroup: index === blocks})
    inputs = outputs
  }
  links.push({
    specification: unit('', 2, {inputs, outputs: LAST, size: 1}),
    run: (pass, x) => relu(pass.batchNorm('bn2', pass.convolution('conv2', x))),
  })
  return chain({
    name: 'shufflenet-v2',
    classes,
    input,
    stages: links,
    head: {
      specification: linear('linear', {inputs: LAST, outputs: classes}),
      layer: 'linear',
      features: (_, h) => spatialMean(h),
    },
  })
}

/** `convN` and `bnN`. */
const unit = (
  prefix: string,
  number: number,
  shape: {readonly inputs: number; readonly outputs: number; readonly size: number},
): Specification => [
  ...convolution(`${prefix}conv${number}`, shape),
  ...batchNorm(`${prefix}bn${number}`, shape.outputs),
]

const plainly = (pass: Pass, prefix: string, number: number, x: Tensor4D) =>
  pass.batchNorm(`${prefix}bn${number}`, pass.convolution(`${prefix}conv${number}`, x))

const deeply = (pass: Pass, prefix: string, number: number, x: Tensor4D, stride: number) =>
  pass.batchNorm(`${prefix}bn${number}`, pass.depthwise(`${prefix}conv${number}`, x, stride))

/** Half of the channels pass by. */
function basicBlock(name: string, channels: number): Stage {
  const half = channels / 2
  return {
    specification: [
      ...unit(name, 1, {inputs: half, outputs: half, size: 1}),
      ...unit(name, 2, {inputs: 1, outputs: half, size: 3}),
      ...unit(name, 3, {inputs: half, outputs: half, size: 1}),
    ],
    run(pass, x) {
      const [by, through] = tf.split(x, 2, 3) as [Tensor4D, Tensor4D]
      const y = deeply(pass, name, 2, relu(plainly(pass, name, 1, through)), 1)
      return shuffled(by, relu(plainly(pass, name, 3, y)))
    },
  }
}

/** Both branches halve the image. */
function downBlock(name: string, inputs: number, outputs: number): Stage {
  const half = outputs / 2
  return {
    specification: [
      ...unit(name, 1, {inputs: 1, outputs: inputs, size: 3}),
      ...unit(name, 2, {inputs, outputs: half, size: 1}),
      ...unit(name, 3, {inputs, outputs: half, size: 1}),
      ...unit(name, 4, {inputs: 1, outputs: half, size: 3}),
      ...unit(name, 5, {inputs: half, outputs: half, size: 1}),
    ],
    run(pass, x) {
      const left = relu(plainly(pass, name, 2, deeply(pass, name, 1, x, 2)))
      const right = deeply(pass, name, 4, relu(plainly(pass, name, 3, x)), 2)
      return shuffled(left, relu(plainly(pass, name, 5, right)))
    },
  }
}

/** The channels of both in turn: what shuffling their concatenation in two groups gives. */
function shuffled(a: Tensor4D, b: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = a.shape
  return tf.reshape(tf.stack([a, b], 4), [batch, height, width, 2 * channels])
}
