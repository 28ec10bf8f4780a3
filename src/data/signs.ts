import {setImmediate as yieldToEvents} from 'node:timers/promises'
import type {Progress} from '../context.ts'
import {silent} from '../context.ts'
import {createRandom} from '../engine/create-random.ts'
import {usageError} from '../errors.ts'
import type {Dataset, LabelledImages} from './images.ts'
import {normalisations} from './normalisations.ts'
import {renderSign, SIGN_SIDE} from './render-sign.ts'
import type {Template} from './sign-atlas.ts'
import {readSignAtlas} from './sign-atlas.ts'
import {demoSignClasses, signClasses} from './sign-classes.ts'

export interface SignOptions {
  /** GTSRB's numbers, 0 … 42; label n is the n-th of them. */
  readonly classes?: readonly number[]
  /** Training images a class. */
  readonly perClass?: number
  readonly testPerClass?: number
  readonly seed?: number | string
}

/**
 * Rendered traffic signs, 32x32 RGB. Image i of class c of a split depends on the seed, the split, c and i alone: more
 * images or other classes change none. Classes take turns, so that any run of images is balanced.
 * Throws E_CLASSES for a class that is none of GTSRB's or is named twice.
 */
export async function loadSigns(
  {classes = demoSignClasses, perClass = 400, testPerClass = 100, seed = 0}: SignOptions = {},
  {progress = silent, signal}: {readonly progress?: Progress; readonly signal?: AbortSignal} = {},
): Promise<Dataset> {
  check(classes)
  const atlas = await readSignAtlas()
  const random = createRandom(seed).fork('signs')
  const task = progress.start('rendering traffic signs', classes.length * (perClass + testPerClass))
  const split = (name: string, count: number) =>
    render(classes, count, (c, i) => {
      signal?.throwIfAborted()
      task.advance()
      return renderSign(atlas[c] as Template, random.fork(name).fork(c).fork(i))
    })
  try {
    return {
      name: 'signs',
      classes: classes.length,
      classNames: classes.map((c) => signClasses[c]!.name),
      normalisation: normalisations.signs,
      train: await split('train', perClass),
      test: await split('test', testPerClass),
    }
  } finally {
    task.end()
  }
}

async function render(
  classes: readonly number[],
  perClass: number,
  image: (signClass: number, index: number) => Uint8Array,
): Promise<LabelledImages> {
  const size = SIGN_SIDE * SIGN_SIDE * 3
  const count = classes.length * perClass
  const data = new Uint8Array(count * size)
  const labels = new Int32Array(count)
  for (let i = 0; i < perClass; i++) {
    for (const [label, signClass] of classes.entries()) {
      const n = i * classes.length + label
      data.set(image(signClass, i), n * size)
      labels[n] = label
    }
    await yieldToEvents()
  }
  return {images: {count, height: SIGN_SIDE, width: SIGN_SIDE, channels: 3, data}, labels}
}

function check(classes: readonly number[]): void {
  const wrong = classes.find((c, n) => !(c in signClasses) || classes.indexOf(c) !== n)
  if (classes.length > 0 && wrong === undefined) return
  throw usageError({
    code: 'E_CLASSES',
    message:
      wrong === undefined
        ? 'No traffic sign was asked for.'
        : `There is no traffic sign ${wrong}, or it is named twice.`,
    hints: [
      `Choose among 0 … ${signClasses.length - 1}, each once; ${demoSignClasses.join(', ')} are the demo's.`,
    ],
  })
}
