import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import {conv2d} from '../engine/kernels/conv2d.ts'
import {usageError} from '../errors.ts'
import type {Architecture} from './architecture.ts'
import {chain} from './chain.ts'
import type {Stage} from './chain.ts'
import {relu} from './relu.ts'
import type {Pass} from './pass.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, convolution, linear} from './specification.ts'

/** How a block that changes size passes its input on: by subsampling and zero channels (A) or a 1x1 convolution (B). */
export type Shortcut = 'a' | 'b'

export type CifarResNetOptions = {
  /** 6n + 2: 8, 14, 20, 32, 56, 110, … */
  readonly depth: number
  readonly classes: number
  /** Height, width, channels; by default 32 x 32 x 3. */
  readonly input?: readonly [number, number, number]
  /** What the last layer is called. */
  readonly head?: 'fc' | 'linear'
} & (
  | {readonly shortcut?: Shortcut; readonly width?: 1}
  /** Times as many channels, and a stem of twice as many: only ever with shortcuts B. */
  | {readonly shortcut: 'b'; readonly width: 4}
)

/**
 * The CIFAR ResNet (He et al., 2015, section 4.2): a convolution, three stages of n = (depth - 2) / 6 blocks with 16,
 * 32 and 64 channels, the mean over the image and a linear layer. `shortcut: 'b'` has `downsample.{0,1}` as in CMI;
 * its name then ends in `-b`, or in `x4` for CMI's wide ones (a stem of 32 channels; stages of 64, 128 and 256).
 * Convolutions are drawn from N(0, 2 / fan-out). Throws E_ARCHITECTURE_DEPTH.
 */
export function cifarResNet({
  depth,
  classes,
  input = [32, 32, 3],
  shortcut = 'a',
  width = 1,
  head = 'fc',
}: CifarResNetOptions): Architecture {
  const blocks = (depth - 2) / 6
  if (!Number.isInteger(blocks) || blocks < 1)
    throw usageError({
      code: 'E_ARCHITECTURE_DEPTH',
      message: `There is no resnet-${depth} for CIFAR: its depth is 8, 14, 20, 26, 32, …`,
      hints: ['Common ones: resnet-14, resnet-20, resnet-32, resnet-56, resnet-110.'],
    })

  const stem = width === 4 ? 32 : 16
  const stages: Stage[] = [
    {
      specification: [
        ...convolution('conv1', {inputs: input[2], outputs: stem, size: 3}),
        ...batchNorm('bn1', stem),
      ],
      run: (pass, x) => relu(pass.batchNorm('bn1', pass.convolution('conv1', x))),
    },
  ]
  let inputs = stem
  for (const [group, outputs] of [16 * width, 32 * width, 64 * width].entries())
    for (let index = 0; index < blocks; index++) {
      const stride = group > 0 && index === 0 ? 2 : 1
      const stage = block({name: `layer${group + 1}.${index}`, inputs, outputs, stride, shortcut})
      stages.push({...stage, endsGroup: index === blocks - 1})
      inputs = outputs
    }

  return chain({
    name: `resnet-${depth}${width === 4 ? 'x4' : shortcut === 'b' ? '-b' : ''}`,
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

interface BlockOptions {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly stride: 1 | 2
  readonly shortcut: Shortcut
}

function block({name, inputs, outputs, stride, shortcut}: BlockOptions): Stage {
  const changes = inputs !== outputs
  const passOn = (pass: Pass, x: Tensor4D): Tensor4D => {
    if (!changes) return x
    if (shortcut === 'a') return everySecondPixel(x, outputs)
    return pass.batchNorm(`${name}.downsample.1`, pass.convolution(`${name}.downsample.0`, x, stride))
  }
  return {
    specification: [
      ...convolution(`${name}.conv1`, {inputs, outputs, size: 3}),
      ...batchNorm(`${name}.bn1`, outputs),
      ...convolution(`${name}.conv2`, {inputs: outputs, outputs, size: 3}),
      ...batchNorm(`${name}.bn2`, outputs),
      ...(changes && shortcut === 'b'
        ? [
            ...convolution(`${name}.downsample.0`, {inputs, outputs, size: 1}),
            ...batchNorm(`${name}.downsample.1`, outputs),
          ]
        : []),
    ],
    run(pass, x) {
      const inner = relu(pass.batchNorm(`${name}.bn1`, pass.convolution(`${name}.conv1`, x, stride)))
      const y = pass.batchNorm(`${name}.bn2`, pass.convolution(`${name}.conv2`, inner))
      return relu(tf.add(y, passOn(pass, x)))
    },
  }
}

/**
 * Every second row and column, and as many zero channels before as after. As a convolution by ones and zeros: exact,
 * and unlike a strided slice it has a gradient on every engine.
 */
function everySecondPixel(x: Tensor4D, outputs: number): Tensor4D {
  const inputs = x.shape[3]
  const before = Math.floor((outputs - inputs) / 2)
  const selection = tf.pad2d(tf.eye(inputs), [
    [0, 0],
    [before, outputs - inputs - before],
  ])
  return conv2d(x, tf.reshape(selection, [1, 1, inputs, outputs]), 2, 0)
}
