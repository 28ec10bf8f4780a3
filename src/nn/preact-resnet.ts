import * as tf from '@tensorflow/tfjs-core'
import type {Architecture} from './architecture.ts'
import {chain, type Stage} from './chain.ts'
import {relu} from './relu.ts'
import {spatialMean} from './spatial-mean.ts'
import {batchNorm, convolution, linear} from './specification.ts'

export interface PreActResNetOptions {
  readonly classes: number
  /** Height, width, channels; by default 32 x 32 x 3. */
  readonly input?: readonly [number, number, number]
}

/**
 * PreActResNet-18 (He et al., 2016) as kuangliu/pytorch-cifar has it, and with it BackdoorBench: activation before each
 * convolution, a 1 x 1 convolution of the *activated* input as shortcut, no BatchNorm at the end.
 */
export function preActResNet18({classes, input = [32, 32, 3]}: PreActResNetOptions): Architecture {
  const stages: Stage[] = [
    {
      specification: convolution('conv1', {inputs: input[2], outputs: 64, size: 3}),
      run: (pass, x) => pass.convolution('conv1', x),
    },
  ]
  let inputs = 64
  for (const [group, outputs] of [64, 128, 256, 512].entries())
    for (const index of [0, 1]) {
      const stride = group > 0 && index === 0 ? 2 : 1
      stages.push({
        ...block(`layer${group + 1}.${index}`, inputs, outputs, stride),
        endsGroup: index === 1,
      })
      inputs = outputs
    }
  return chain({
    name: 'preact-resnet-18',
    classes,
    input,
    stages,
    head: {
      specification: linear('linear', {inputs, outputs: classes}),
      layer: 'linear',
      features: (_, h) => spatialMean(h),
    },
  })
}

function block(name: string, inputs: number, outputs: number, stride: number): Stage {
  const projects = stride !== 1 || inputs !== outputs
  return {
    specification: [
      ...batchNorm(`${name}.bn1`, inputs),
      ...convolution(`${name}.conv1`, {inputs, outputs, size: 3}),
      ...batchNorm(`${name}.bn2`, outputs),
      ...convolution(`${name}.conv2`, {inputs: outputs, outputs, size: 3}),
      ...(projects ? convolution(`${name}.shortcut.0`, {inputs, outputs, size: 1}) : []),
    ],
    run(pass, x) {
      const a = relu(pass.batchNorm(`${name}.bn1`, x))
      const inner = relu(pass.batchNorm(`${name}.bn2`, pass.convolution(`${name}.conv1`, a, stride)))
      const y = pass.convolution(`${name}.conv2`, inner)
      return tf.add(y, projects ? pass.convolution(`${name}.shortcut.0`, a, stride) : x)
    },
  }
}
