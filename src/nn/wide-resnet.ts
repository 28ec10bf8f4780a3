import * as tf from '@tensorflow/tfjs-core'
import {usageError} from '../errors.ts'
import type {Architecture} from './architecture.ts'
import {chain} from './chain.ts'
import type {Stage} from './chain.ts'
import {relu} from './relu.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, convolution, linear} from './specification.ts'

export interface WideResNetOptions {
  /** 6n + 4: 10, 16, 22, 28, 40, … */
  readonly depth: number
  readonly width: number
  readonly classes: number
  /** Height, width, channels; by default 32 x 32 x 3. */
  readonly input?: readonly [number, number, number]
}

/**
 * WRN-d-w (Zagoruyko and Komodakis, 2016): a convolution, three groups of n = (d - 4) / 6 pre-activated blocks with
 * 16w, 32w and 64w channels, BatchNorm, ReLU, the mean over the image and a linear layer. Convolutions have no bias.
 * Key names, order and initialisation are those of polo5/ZeroShotKnowledgeTransfer, which ABD and its teachers use.
 * Throws E_ARCHITECTURE_DEPTH.
 */
export function wideResNet({depth, width, classes, input = [32, 32, 3]}: WideResNetOptions): Architecture {
  const blocks = (depth - 4) / 6
  if (!Number.isInteger(blocks) || blocks < 1 || !Number.isInteger(width) || width < 1)
    throw usageError({
      code: 'E_ARCHITECTURE_DEPTH',
      message: `There is no wrn-${depth}-${width}: a wide ResNet's depth is 10, 16, 22, 28, 34, 40, … and its width at least 1.`,
      hints: ['Common ones: wrn-16-1, wrn-16-2, wrn-40-1, wrn-40-2.'],
    })

  const stages: Stage[] = [
    {
      specification: convolution('conv1', {inputs: input[2], outputs: 16, size: 3}),
      run: (pass, x) => pass.convolution('conv1', x),
    },
  ]
  let inputs = 16
  for (const [group, outputs] of [16 * width, 32 * width, 64 * width].entries())
    for (let index = 0; index < blocks; index++) {
      const stage = block(
        `block${group + 1}.layer.${index}`,
        inputs,
        outputs,
        group > 0 && index === 0 ? 2 : 1,
      )
      stages.push({...stage, endsGroup: index === blocks - 1})
      inputs = outputs
    }

  return chain({
    name: `wrn-${depth}-${width}`,
    classes,
    input,
    stages,
    head: {
      specification: [
        ...batchNorm('bn1', inputs),
        ...linear('fc', {inputs, outputs: classes, bias: {constant: 0}}),
      ],
      layer: 'fc',
      features: (pass, h) => spatialMean(relu(pass.batchNorm('bn1', h))),
    },
  })
}

/** Where the number of channels changes, the shortcut is a 1x1 convolution of the *activated* input. */
function block(name: string, inputs: number, outputs: number, stride: number): Stage {
  const changes = inputs !== outputs
  return {
    specification: [
      ...batchNorm(`${name}.bn1`, inputs),
      ...convolution(`${name}.conv1`, {inputs, outputs, size: 3}),
      ...batchNorm(`${name}.bn2`, outputs),
      ...convolution(`${name}.conv2`, {inputs: outputs, outputs, size: 3}),
      ...(changes ? convolution(`${name}.convShortcut`, {inputs, outputs, size: 1}) : []),
    ],
    run(pass, x) {
      const a = relu(pass.batchNorm(`${name}.bn1`, x))
      const inner = relu(pass.batchNorm(`${name}.bn2`, pass.convolution(`${name}.conv1`, a, stride)))
      const y = pass.convolution(`${name}.conv2`, inner)
      return tf.add(y, changes ? pass.convolution(`${name}.convShortcut`, a, stride) : x)
    },
  }
}
