import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Architecture, Mode, Observer, Parameters, Split} from './architecture.ts'
import {createEvalPasses} from './eval-passes.ts'
import type {Pass} from './pass.ts'
import {startPass} from './pass.ts'
import type {Specification} from './specification.ts'

/** One link of a chain: a block of a residual network, a convolution of a VGG. */
export interface Stage {
  readonly specification: Specification
  run(pass: Pass, h: Tensor4D): Tensor4D
  /** The last of its group: what attention transfer compares. */
  readonly endsGroup?: boolean
}

/** What follows the last stage: its features and the name of its linear layer. */
export interface Head {
  readonly specification: Specification
  readonly layer: string
  features(pass: Pass, h: Tensor4D): Tensor2D
}

interface ChainOptions {
  readonly name: string
  readonly classes: number
  readonly input: readonly [number, number, number]
  readonly stages: readonly Stage[]
  readonly head: Head
}

/** An architecture whose stages follow one another, so that it can be cut between any two. */
export function chain({name, classes, input, stages, head}: ChainOptions): Architecture {
  const parts = [...stages, head]
  const parameters = new Map(parts.flatMap((part) => part.specification))
  const passes = createEvalPasses()

  const cutBefore = (index: number): Split => {
    const run = (from: readonly Stage[], pass: Pass, x: Tensor4D) =>
      from.reduce((h, stage) => pass.tidied(() => stage.run(pass, h)), x)
    return {
      tailParameters: new Set(parts.slice(index).flatMap((part) => part.specification.map(([key]) => key))),
      trunk: (values, x, logits) =>
        (logits && passes.inputOf(index, {parameters: values, x, logits})) ??
        run(stages.slice(0, index), startPass(values, 'eval'), x),
      tail(values, h) {
        const pass = startPass(values, 'eval')
        return pass.linear(head.layer, head.features(pass, run(stages.slice(index), pass, h)))
      },
    }
  }

  const cut = (names: Iterable<string>): Split => {
    const wanted = new Set(names)
    const first = parts.findIndex((part) => part.specification.some(([key]) => wanted.has(key)))
    return cutBefore(first < 0 ? stages.length : Math.min(first, stages.length))
  }

  const forward = (values: Parameters, x: Tensor4D, mode: Mode, observe?: Observer) => {
    const pass = startPass(values, mode, observe)
    const activations: Tensor4D[] = []
    const inputs = [x]
    let h = x
    for (const stage of stages) {
      const before = h
      h = pass.tidied(() => stage.run(pass, before))
      inputs.push(h)
      if (stage.endsGroup) activations.push(h)
    }
    const features = head.features(pass, h)
    const logits = pass.linear(head.layer, features)
    if (mode === 'eval') passes.remember({parameters: values, x, logits}, inputs)
    return {logits, activations, features, moments: pass.moments()}
  }

  const lastGroup = stages.findLastIndex((stage, index) => stage.endsGroup && index < stages.length - 1) + 1
  return {
    name,
    classes,
    input,
    parameters,
    head: `${head.layer}.weight`,
    forward,
    split: cutBefore(lastGroup),
    cut,
  }
}
