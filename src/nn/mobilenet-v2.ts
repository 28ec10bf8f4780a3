import * as tf from '@tensorflow/tfjs-core'
import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Architecture} from './architecture.ts'
import {chain, type Stage} from './chain.ts'
import type {Pass} from './pass.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, convolution, linear} from './specification.ts'

/** Expansion, channels, blocks and the first block's stride (table 2 of the paper). */
const groups = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const

export interface MobileNetV2Options {
  readonly classes: number
  /** Height, width, channels; by default 32 x 32 x 3. Of 32 pixels a side one is left. */
  readonly input?: readonly [number, number, number]
}

/** MobileNetV2 of width 1 (Sandler et al., 2018) with torchvision's names, its stem at stride 2 for images of any size. */
export function mobileNetV2({classes, input = [32, 32, 3]}: MobileNetV2Options): Architecture {
  const stages: Stage[] = [
    {
      specification: [
        ...convolution('features.0.0', {inputs: input[2], outputs: 32, size: 3}),
        ...batchNorm('features.0.1', 32),
      ],
      run: (pass, x) => tf.relu6(pass.batchNorm('features.0.1', pass.convolution('features.0.0', x, 2))),
    },
  ]
  let inputs = 32
  for (const [expansion, outputs, blocks, first] of groups)
    for (let index = 0; index < blocks; index++) {
      const name = `features.${stages.length}.conv`
      const stage = invertedResidual({name, inputs, outputs, expansion, stride: index === 0 ? first : 1})
      stages.push({...stage, endsGroup: index === blocks - 1})
      inputs = outputs
    }
  const last = `features.${stages.length}`
  stages.push({
    specification: [
      ...convolution(`${last}.0`, {inputs, outputs: 1280, size: 1}),
      ...batchNorm(`${last}.1`, 1280),
    ],
    run: (pass, x) => tf.relu6(pass.batchNorm(`${last}.1`, pass.convolution(`${last}.0`, x))),
  })
  return chain({
    name: 'mobilenet-v2',
    classes,
    input,
    stages,
    head: {
      specification: linear('classifier.1', {inputs: 1280, outputs: classes}),
      layer: 'classifier.1',
      features: (_, h) => spatialMean(h),
    },
  })
}

interface Block {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly expansion: number
  readonly stride: number
}

/** Widen by 1 x 1, filter each channel by 3 x 3, narrow by 1 x 1 without an activation; added to its input where it can be. */
function invertedResidual({name, inputs, outputs, expansion, stride}: Block): Stage {
  const width = inputs * expansion
  const widens = expansion > 1
  const [deep, narrow, norm] = widens
    ? [`${name}.1`, `${name}.2`, `${name}.3`]
    : [`${name}.0`, `${name}.1`, `${name}.2`]
  const activated = (pass: Pass, layer: string, y: Tensor4D) => tf.relu6(pass.batchNorm(`${layer}.1`, y))
  return {
    specification: [
      ...(widens
        ? [
            ...convolution(`${name}.0.0`, {inputs, outputs: width, size: 1}),
            ...batchNorm(`${name}.0.1`, width),
          ]
        : []),
      ...convolution(`${deep}.0`, {inputs: 1, outputs: width, size: 3}),
      ...batchNorm(`${deep}.1`, width),
      ...convolution(narrow, {inputs: width, outputs, size: 1}),
      ...batchNorm(norm, outputs),
    ],
    run(pass, x) {
      const wide = widens ? activated(pass, `${name}.0`, pass.convolution(`${name}.0.0`, x)) : x
      const filtered = activated(pass, deep, pass.depthwise(`${deep}.0`, wide, stride))
      const y = pass.batchNorm(norm, pass.convolution(narrow, filtered))
      return stride === 1 && inputs === outputs ? tf.add(x, y) : y
    },
  }
}
