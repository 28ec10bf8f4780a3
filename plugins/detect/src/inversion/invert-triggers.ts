import type {Context, Task} from '@abd/core'
import {steady} from '@abd/core/engine'
import type {Images} from '@abd/core/data'
import {toTensor} from '@abd/core/data'
import {adam, crossEntropy, lossAndGradients, scalars} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor1D, Tensor4D, Variable} from '@tensorflow/tfjs-core'
import {maskForm, perturbationForm} from './trigger-form.ts'
import {labelVariable, takeSteps} from './take-steps.ts'
import type {TriggerFormName} from './trigger-form.ts'

export interface InversionOptions {
  readonly form: TriggerFormName
  /** Images of every class's batch. */
  readonly images: number
  readonly steps: number
  readonly rate: number
  /** Images in one pass, over classes. */
  readonly batch: number
}

/** A trigger that was found for one class: an image x becomes clip(x · keep + add). */
export interface InvertedTrigger {
  readonly target: number
  /** The smallest with which 90 % of the images of its last steps went into the class; `largest` where there was none. */
  readonly size: number
  /** Of the trigger form: what no size exceeds. */
  readonly largest: number
  /** [H, W, C] each, row by row. */
  readonly keep: Float32Array
  readonly add: Float32Array
}

/** Running share of images moved: what one step adds to it. */
const MEMORY = 0.8
const WANTED = 0.9
/** By which the weight of the size grows while enough images are moved, and shrinks while too few are: a step. */
const PACE = 1.06
const FIRST_WEIGHT = {mask: 3e-3, perturbation: 3e-2} as const

/**
 * For every class the smallest trigger that moves base images into it, in one batched loop (Neural Cleanse, Wang et al.,
 * IEEE S&P 2019, section III.B): Adam (β 0.5, 0.9) on
 *   CE(f(A(x)), c) + λ_c · size_c,   x drawn anew each step from the images that the model does not already put into c,
 * λ_c growing while the running share of moved images is 0.9 or more, shrinking while it is less. The smallest trigger so
 * far that moved 0.9 is kept. Classes share passes, `batch` images each; more classes than fit go one group after the other.
 */
export async function invertTriggers(
  model: Model,
  base: Images,
  options: InversionOptions,
  {context, label}: {context: Context; label: string},
): Promise<InvertedTrigger[]> {
  const {classes} = model.network.architecture
  const predicted = await predict(model, base, {signal: context.signal})
  const group = Math.max(1, Math.floor(options.batch / options.images))
  const groups = Array.from({length: Math.ceil(classes / group)}, (_, g) =>
    Array.from({length: Math.min(group, classes - g * group)}, (_, i) => g * group + i),
  )
  const task = context.progress.start(label, groups.length * options.steps)
  const all = toTensor(base)
  try {
    const found: InvertedTrigger[] = []
    for (const targets of groups)
      found.push(...(await invertGroup({model, all, predicted}, targets, options, context, task)))
    return found
  } finally {
    all.dispose()
    task.end()
  }
}

async function invertGroup(
  {model, all, predicted}: {model: Model; all: Tensor4D; predicted: Int32Array},
  targets: readonly number[],
  {form: formName, images, steps, rate}: InversionOptions,
  context: Context,
  task: Task,
): Promise<InvertedTrigger[]> {
  const {input} = model.network.architecture
  const count = targets.length
  const random = context.random.fork(formName).fork(targets[0]!)
  using form = (formName === 'mask' ? maskForm : perturbationForm)({count, input, random})
  using optimiser = adam(form.variables, {beta1: 0.5, beta2: 0.9})
  const start = (shape: number[], value: number): Variable =>
    tf.tidy(() => tf.variable(tf.fill(shape, value), false))
  const weights = start([count], FIRST_WEIGHT[formName])
  const moved = start([count], 0)
  const smallest = start([count], form.largest)
  const best = tf.tidy(() => {
    const {keep, add} = form.parts()
    return {keep: tf.variable(keep, false), add: tf.variable(add, false)}
  })
  const labels = labelVariable(count * images, (i) => targets[Math.floor(i / images)]!)
  const pool = tf.variable(all, false)
  const everywhere = [...predicted.keys()]
  const eligible = targets.map((target) => everywhere.filter((i) => predicted[i] !== target))

  const work = steady(({indices, numbers}: {indices: Tensor1D; numbers: tf.Scalar[]}) => {
    const x = tf.reshape(tf.gather(pool, indices), [count, images, ...input])
    const {gradients, extra} = lossAndGradients(form.variables, () => {
      const logits = model.logits(tf.reshape(form.apply(x), [count * images, ...input]))
      const sizes = form.sizes()
      const loss = tf.add(tf.mul(crossEntropy(logits, labels), count), tf.sum(tf.mul(sizes, weights)))
      const hits = tf.cast(tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), labels), 'float32')
      return {
        loss: loss as tf.Scalar,
        extra: {sizes, share: tf.mean(tf.reshape(hits, [count, images]), 1)},
      }
    })
    moved.assign(tf.add(tf.mul(moved, MEMORY), tf.mul(extra.share, 1 - MEMORY)))
    const enough = tf.greaterEqual(moved, WANTED)
    const better = tf.logicalAnd(enough, tf.less(extra.sizes, smallest))
    smallest.assign(tf.where<tf.Tensor>(better, extra.sizes, smallest))
    const wide = tf.reshape(tf.cast(better, 'float32'), [count, 1, 1, 1])
    const {keep, add} = form.parts()
    best.keep.assign(tf.add(tf.mul(keep, wide), tf.mul(best.keep, tf.sub(1, wide))))
    best.add.assign(tf.add(tf.mul(add, wide), tf.mul(best.add, tf.sub(1, wide))))
    weights.assign(tf.mul(weights, tf.where(enough, tf.fill([count], PACE), tf.fill([count], 1 / PACE))))
    optimiser.change(gradients, numbers)
    return {}
  })
  const step = (i: number) => {
    const draw = random.fork('images').fork(i)
    const chosen = Int32Array.from({length: count * images}, (_, n) => {
      const others = eligible[Math.floor(n / images)]!
      const from = others.length > 0 ? others : everywhere
      return from[draw.integer(from.length)]!
    })
    work({indices: tf.tensor1d(chosen, 'int32'), numbers: scalars(optimiser.next(rate))})
  }
  try {
    await takeSteps(steps, step, {label: 'A step of inversion', task, context})
    const [sizes, keep, add] = await Promise.all(
      [smallest, best.keep, best.add].map(async (variable) => variable.data<'float32'>()),
    )
    const area = input[0] * input[1] * input[2]
    return targets.map((target, i) => ({
      target,
      // Where all images are of the class already, there is nothing that a trigger could do.
      size: eligible[i]!.length > 0 ? sizes![i]! : form.largest,
      largest: form.largest,
      keep: keep!.slice(i * area, (i + 1) * area),
      add: add!.slice(i * area, (i + 1) * area),
    }))
  } finally {
    tf.dispose([weights, moved, smallest, best.keep, best.add, labels, pool])
  }
}
