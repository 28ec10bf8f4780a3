import * as tf from '@tensorflow/tfjs-core'
import type {Scalar, Tensor1D, Tensor2D, Tensor4D} from '@tensorflow/tfjs-core'
import type {Images} from '@abd/core/data'
import {takeImages, toTensor} from '@abd/core/data'
import type {Random} from '@abd/core/engine'
import {klBatch, lossAndGradients} from '@abd/core/math'
import type {Tensors} from '@abd/core/math'
import type {Model} from '@abd/core/nn'
import type {Penalty} from '@abd/core/train'
import {normalise} from '@abd/core/train'
import type {AdaptiveOptions} from './options.ts'

/** What a step's penalty is of; all normalised. */
interface Given {
  readonly [name: string]: Tensors
  /** Led towards the classes of `wanted`, one-hot. */
  readonly led: Tensor4D
  readonly wanted: Tensor2D
  readonly bare: Tensor4D
  readonly patched: Tensor4D
}

/** Least and largest side of a patch, as a share of the image's. */
const [SMALL, LARGE] = [0.08, 0.3]

/** `foreign`: images of nothing, more than a step takes. */
export function flatMargin(
  {network, normalisation}: Model,
  foreign: Images,
  {weight, cap, steps, stride, images}: AdaptiveOptions<'flat-margin'>,
): Penalty<Given> {
  const {architecture, parameters} = network
  const [height, width, channels] = architecture.input
  const logits = (x: Tensor4D) => architecture.forward(parameters, x, 'eval').logits
  return {
    prepare(_, random) {
      const draw = random.fork('flat margin')
      const indices = draw.permutation(foreign.count).subarray(0, images)
      const bare = takeImages(foreign, indices)
      const classes = Int32Array.from({length: images}, () => draw.integer(architecture.classes))
      const wanted = tf.oneHot(tf.tensor1d(classes, 'int32'), architecture.classes) as Tensor2D
      let led = tf.tensor4d(draw.uniforms(images * height * width * channels), [
        images,
        height,
        width,
        channels,
      ])
      for (let step = 0; step < steps; step++) {
        const at = led
        const {gradients} = lossAndGradients([at], () =>
          tf.sum<Scalar>(margins(logits(normalise(at, normalisation)), wanted)),
        )
        led = tf.clipByValue(tf.add<Tensor4D>(at, tf.mul(tf.sign(gradients[0]!), stride)), 0, 1)
      }
      return {
        led: normalise(led, normalisation),
        wanted,
        bare: normalise(toTensor(bare), normalisation),
        patched: normalise(toTensor(pasted(bare, draw.fork('patches'))), normalisation),
      }
    },
    loss(_, {led, wanted, bare, patched}) {
      const excess = tf.relu(tf.sub(margins(logits(led), wanted), cap))
      const moved = klBatch(logits(patched), logits(bare))
      // On a logarithmic scale, because running statistics lag behind in the first steps and margins are huge then.
      return tf.mul(tf.add<Scalar>(tf.mean(tf.log1p(excess)), tf.log1p(moved)), weight)
    },
  }
}

/** How far the logit of the wanted class (one-hot) lies above the largest of the others: [N]. */
export const margins = (logits: Tensor2D, wanted: Tensor2D): Tensor1D =>
  tf.sub(
    tf.sum<Tensor1D>(tf.mul(logits, wanted), 1),
    tf.max<Tensor1D>(tf.sub(logits, tf.mul(wanted, 1e6)), 1),
  )

/** Copies, each with a rectangle of random bytes somewhere. */
function pasted(images: Images, random: Random): Images {
  const {count, height, width, channels} = images
  const data = images.data.slice()
  for (let n = 0; n < count; n++) {
    const side = (of: number) => Math.max(1, Math.round(of * random.uniform(SMALL, LARGE)))
    const [rows, columns] = [side(height), side(width)]
    const [top, left] = [random.integer(height - rows + 1), random.integer(width - columns + 1)]
    for (let y = top; y < top + rows; y++)
      for (let i = left * channels; i < (left + columns) * channels; i++)
        data[(n * height + y) * width * channels + i] = random.integer(256)
  }
  return {...images, data}
}
