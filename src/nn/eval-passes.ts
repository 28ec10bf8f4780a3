import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Parameters} from './architecture.ts'

/** Which pass it was: of these parameters over these images, to these logits. */
export interface EvalPass {
  readonly parameters: Parameters
  readonly x: Tensor4D
  readonly logits: Tensor2D
}

/** What eval passes of one architecture computed on the way, for whoever needs the same once more. */
export interface EvalPasses {
  /** `inputs` are what each stage was given, and after the last stage the head. */
  remember(pass: EvalPass, inputs: readonly Tensor4D[]): void
  /** What the stage was given; undefined where that is gone, or where a gradient would not find its way back through it. */
  inputOf(index: number, pass: EvalPass): Tensor4D | undefined
}

/** Passes are known by their logits, the very tensor: who has that needs no other handle. Keeps no tensor alive. */
export function createEvalPasses(): EvalPasses {
  const passes = new WeakMap<
    Tensor2D,
    {readonly pass: EvalPass; readonly inputs: readonly Tensor4D[]; readonly tape: object | null}
  >()
  return {
    remember(pass, inputs) {
      passes.set(pass.logits, {pass, inputs, tape: tapeNow()})
    },
    inputOf(index, {parameters, x, logits}) {
      const known = passes.get(logits)
      if (known?.pass.parameters !== parameters || known.pass.x !== x) return undefined
      const tape = tapeNow()
      if (tape && tape !== known.tape) return undefined
      const input = known.inputs[index]
      return input?.isDisposed ? undefined : input
    },
  }
}

/** What operations are recorded on at present, for a gradient; null where they are not. */
function tapeNow(): object | null {
  const {gradientDepth, kernelDepth, activeTape} = tf.engine().state
  return gradientDepth > 0 && kernelDepth === 0 ? activeTape : null
}
