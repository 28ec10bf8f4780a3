import type {Random} from '@abd/core/engine'
import * as tf from '@tensorflow/tfjs-core'
import type {Tensor3D, Tensor4D} from '@tensorflow/tfjs-core'

/**
 * Crops, shifts and mirror images of a batch: for each image a matrix of weights for its rows and one for its columns, so
 * that the gradient flows back to the image on every engine. [N, H, H] and [N, W, W].
 */
export interface View {
  readonly [name: string]: Tensor3D
  readonly rows: Tensor3D
  readonly columns: Tensor3D
}

/** Row i of the result is Σ weights[i, p] · row p. */
type Weights = readonly (readonly number[])[]

type Size = readonly [height: number, width: number]

/** Shifted by up to `padding` pixels each way, black coming in; half of them mirrored. */
export function shiftedView(
  count: number,
  [height, width]: Size,
  {padding, flip}: {readonly padding: number; readonly flip: boolean},
  random: Random,
): View {
  const shift = () => random.integer(2 * padding + 1) - padding
  return viewOf(count, () => {
    const [down, right] = [shift(), shift()]
    return {
      rows: shifted(height, down),
      columns: mirroredIf(flip && random.integer(2) === 1, shifted(width, right)),
    }
  })
}

/**
 * torchvision's RandomResizedCrop: an area from U(0.25, 1), its aspect log-uniform between 3/4 and 4/3, the first of ten
 * draws that fits, else the largest in the middle; resized bilinearly, corners on corners; half of them mirrored.
 */
export function resizedView(
  count: number,
  [height, width]: Size,
  {flip}: {readonly flip: boolean},
  random: Random,
): View {
  return viewOf(count, () => {
    const crop = randomCrop(height, width, random)
    return {
      rows: cropWeights(height, crop.top, crop.height),
      columns: mirroredIf(flip && random.integer(2) === 1, cropWeights(width, crop.left, crop.width)),
    }
  })
}

/**
 * Rolled by up to a share of height and width each way, what goes out coming in on the other side, and mirrored half of the
 * time: the whole batch alike.
 */
export function rolledView(
  count: number,
  [height, width]: Size,
  {share, flip}: {readonly share: number; readonly flip: boolean},
  random: Random,
): View {
  const roll = (size: number) => {
    const most = Math.floor(size * share)
    return rolled(size, random.integer(2 * most + 1) - most)
  }
  const rows = roll(height)
  const columns = mirroredIf(flip && random.integer(2) === 1, roll(width))
  return viewOf(count, () => ({rows, columns}))
}

/** The batch as the view has it. The caller tidies. */
export function applyView(x: Tensor4D, {rows, columns}: View): Tensor4D {
  const [count, height, width, channels] = x.shape
  const tall = tf.matMul(rows, tf.reshape(x, [count, height, width * channels]))
  const turned = tf.transpose(tf.reshape(tall, [count, height, width, channels]), [0, 2, 1, 3])
  const wide = tf.matMul(columns, tf.reshape(turned, [count, width, height * channels]))
  return tf.transpose(tf.reshape(wide, [count, width, height, channels]), [0, 2, 1, 3])
}

/** Weights that stretch `length` pixels from `start` on over all: position start + i (length - 1) / (size - 1). */
export function cropWeights(size: number, start: number, length: number): Weights {
  return Array.from({length: size}, (_, i) => {
    const position = start + (size > 1 ? (i * (length - 1)) / (size - 1) : 0)
    const below = Math.min(Math.floor(position), size - 1)
    const share = position - below
    const weights = new Array<number>(size).fill(0)
    weights[below] = 1 - share
    if (share > 0 && below + 1 < size) weights[below + 1] = share
    return weights
  })
}

const shifted = (size: number, shift: number): Weights =>
  Array.from({length: size}, (_, i) => Array.from({length: size}, (_, p) => (p === i - shift ? 1 : 0)))

const rolled = (size: number, by: number): Weights =>
  Array.from({length: size}, (_, i) =>
    Array.from({length: size}, (_, p) => (p === (i - by + size) % size ? 1 : 0)),
  )

const mirroredIf = (mirrored: boolean, weights: Weights): Weights =>
  mirrored ? weights.toReversed() : weights

function viewOf(count: number, draw: () => {rows: Weights; columns: Weights}): View {
  const drawn = Array.from({length: count}, draw)
  const stack = (which: 'rows' | 'columns') => tf.tensor3d(drawn.map((each) => each[which] as number[][]))
  return {rows: stack('rows'), columns: stack('columns')}
}

function randomCrop(height: number, width: number, random: Random) {
  for (let draw = 0; draw < 10; draw++) {
    const area = (0.25 + 0.75 * random.uniform()) * height * width
    const [least, most] = [Math.log(3 / 4), Math.log(4 / 3)]
    const aspect = Math.exp(least + (most - least) * random.uniform())
    const [h, w] = [Math.round(Math.sqrt(area / aspect)), Math.round(Math.sqrt(area * aspect))]
    if (h >= 1 && w >= 1 && h <= height && w <= width)
      return {
        top: random.integer(height - h + 1),
        left: random.integer(width - w + 1),
        height: h,
        width: w,
      }
  }
  const [h, w] = [
    Math.min(height, Math.round((width * 4) / 3)),
    Math.min(width, Math.round((height * 4) / 3)),
  ]
  return {top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w}
}
