import * as tf from '@tensorflow/tfjs-core'
import type {Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Context} from '../context.ts'
import {klMean} from '../math/kl.ts'
import type {Defence, Method} from '../method.ts'
import type {Model} from '../nn/model.ts'
import {normalise} from '../train/normalise.ts'
import {insist} from './contract.ts'
import type {Clause} from './contract.ts'
import {changed, tinyModel, weightsOf} from './tiny-model.ts'

export interface DefenceSubject {
  // As in AbdPlugin: the options are the method's own business.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly method: Method<'defence', any>
  readonly options?: Readonly<Record<string, unknown>>
  /** With the random numbers of this seed. */
  context(seed: number): Context
}

/** What every distiller relies on, whatever the defence. */
export function defenceContract(subject: DefenceSubject): readonly Clause[] {
  const {method} = subject
  return [
    {
      name: 'its options have defaults',
      async check() {
        insist(method.options.safeParse({}).success, 'options.parse({}) fails.')
      },
    },
    {
      name: 'it has a seam, and the same seed gives the same numbers',
      async check() {
        const numbers = async (seed: number) => {
          using scene = stage(subject, seed)
          return scene.numbers()
        }
        const first = await numbers(1)
        insist(first.length > 0, 'It has none of the seams.')
        insist(first.every(Number.isFinite), `Its numbers are ${first.join(', ')}.`)
        insist(String(first) === String(await numbers(1)), 'The same seed gave other numbers.')
      },
    },
    {
      name: 'its mask is of zeros and ones, one an image, and its coefficient a weight',
      async check() {
        using scene = stage(subject, 1)
        const said = tf.tidy(() => scene.defence.suspects?.(scene.x, scene.logits(scene.x)))
        if (!said) return
        const {mask, coefficient} = said
        insist(coefficient >= 0 && Number.isFinite(coefficient), `The coefficient is ${coefficient}.`)
        const values = [...(await mask.data())]
        mask.dispose()
        insist(values.length === IMAGES, `${values.length} rows for ${IMAGES} images.`)
        insist(
          values.every((value) => value === 0 || value === 1),
          `The mask is ${values.join(', ')}.`,
        )
      },
    },
    {
      name: 'its loss leads back to the images',
      async check() {
        using scene = stage(subject, 1)
        const {defence, logits, x} = scene
        if (!defence.synthesisLoss) return
        const gradient = tf.tidy(() =>
          tf.grad((images) => defence.synthesisLoss!(images as Tensor4D, logits(images as Tensor4D))!)(x),
        )
        const values = await gradient.data()
        gradient.dispose()
        insist(values.every(Number.isFinite), 'The gradient is not finite.')
      },
    },
    {
      name: 'it changes neither teacher nor student',
      async check() {
        using scene = stage(subject, 1)
        const weights = async () => [
          await weightsOf(scene.teacher.network),
          await weightsOf(scene.student.network),
        ]
        const before = await weights()
        await scene.numbers()
        const after = await weights()
        const touched = before.flatMap((each, i) => changed(each, after[i]!))
        insist(touched.length === 0, `${touched.join(', ')} changed.`)
      },
    },
    {
      name: 'it leaves no tensors behind, neither in use nor when disposed of',
      async check() {
        using scene = stage(subject, 1)
        await scene.numbers()
        const settled = scene.tensors()
        await scene.numbers()
        insist(scene.tensors() === settled, `${scene.tensors() - settled} tensors stay behind.`)
        scene.release()
        insist(scene.tensors() === scene.before, `${scene.tensors() - scene.before} tensors are left.`)
      },
    },
  ]
}

const IMAGES = 6

interface Scene extends Disposable {
  readonly teacher: Model
  readonly student: Model
  readonly defence: Defence
  /** Normalised images. */
  readonly x: Tensor4D
  /** Live tensors before there was a defence. */
  readonly before: number
  tensors(): number
  logits(x: Tensor4D): Tensor2D
  /** Everything the defence says of these images. */
  numbers(): Promise<number[]>
  release(): void
}

function stage({method, options = {}, context: contextOf}: DefenceSubject, seed: number): Scene {
  const context = contextOf(seed)
  const tensors = () => context.engine.memory().tensors
  const teacher = tinyModel(context.random.fork('teacher'))
  const student = tinyModel(context.random.fork('student'))
  const x = tf.tidy(() =>
    normalise(
      context.random.fork('images').uniformTensor<Tensor4D>([IMAGES, 8, 8, 3]),
      teacher.normalisation,
    ),
  )
  const before = tensors()
  const defence = method.create(method.options.parse(options), context)({teacher, student})
  const {architecture, parameters} = teacher.network
  const logits = (images: Tensor4D) => architecture.forward(parameters, images, 'eval').logits
  let released = false
  const release = () => {
    if (released) return
    released = true
    defence[Symbol.dispose]?.()
  }
  return {
    teacher,
    student,
    defence,
    x,
    before,
    tensors,
    logits,
    async numbers() {
      const said = tf.tidy(() => {
        const t = logits(x)
        const {mask, coefficient} = defence.suspects?.(x, t) ?? {}
        const loss = defence.synthesisLoss?.(x, t)
        const correction = defence
          .retrospect?.({
            x,
            teacherLogits: t,
            index: 9,
            steps: 10,
            divergence: (s, target) => klMean(s, target),
          })
          ?.correct(0)
        return [
          ...(mask && coefficient !== undefined ? [mask, tf.scalar(coefficient)] : []),
          ...(loss ? [loss] : []),
          ...(correction ? [correction.loss, ...correction.gradients] : []),
        ]
      })
      const values = await Promise.all(said.map((tensor) => tensor.data()))
      tf.dispose(said)
      return values.flatMap((each) => [...each])
    },
    release,
    [Symbol.dispose]() {
      release()
      x.dispose()
      teacher[Symbol.dispose]()
      student[Symbol.dispose]()
    },
  }
}
