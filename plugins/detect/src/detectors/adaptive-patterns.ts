import {defineMethod} from '@abd/core'
import {takeImages} from '@abd/core/data'
import {predict} from '@abd/core/train'
import {z} from 'zod'
import {ascend} from '../probes/ascend.ts'
import {blendWaves, waves} from '../probes/wave-blend.ts'
import {adaptiveOptions} from './adaptive-options.ts'
import {meanOf, observeRefined, othersOf, roundsOf, runHeats, underProbes} from './refine-by-class.ts'
import type {Refined} from './refine-by-class.ts'
import {shapeOf} from './shape-of.ts'

/**
 * As `adaptive_probes` for the whole image: from plain grey, a smooth picture is blended in at the weight of published blends and
 * refined for each class, without a gradient of the network (`ascend`). Whatever the network has learnt of a blend or of
 * noise that is large in low frequencies answers to its nearest smooth picture. Clean networks follow such pictures as well, more
 * than patches, so that only their own null says how much is much.
 */
export const adaptivePatterns = defineMethod({
  kind: 'detector',
  name: 'adaptive_patterns',
  summary:
    'A smooth picture blended over the whole image, refined for each class: does it move images into the class?',
  options: z.strictObject({
    images: z.int().min(4).max(1000).default(20).describe('Base images that a picture is refined on'),
    pairs: z.int().min(1).max(100).default(6).describe('Directions that a round tries, both ways'),
    frequencies: z.int().min(1).max(16).default(5).describe('Half periods each way, fewer than these'),
    ...adaptiveOptions,
    // More than of patches: which class a smooth picture leads to shows late.
    finalists: adaptiveOptions.finalists.default(5),
  }),
  create: ({images, pairs, frequencies, heldOut, ...heats}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model, evidence, context) {
      const {classes} = model.network.architecture
      const shape = shapeOf(model)
      const basis = waves(shape, frequencies)
      const predicted = await predict(model, evidence.base)
      const task = context.progress.start('Adaptive patterns', roundsOf(heats, classes))
      const scores = async (target: number, candidates: readonly ArrayLike<number>[]) => {
        context.signal.throwIfAborted()
        const rows = await underProbes(
          model,
          takeImages(evidence.base, othersOf(predicted, target, images)),
          candidates.map((weights) => blendWaves(shape, basis, weights)),
        )
        return rows.map((row) => meanOf(row, {target, classes}))
      }
      let refined: Refined<Float64Array>[]
      try {
        const grey = new Float64Array(basis.length)
        // All begin with the same picture, so one pass over the images of all classes tells each one's score.
        const others = Array.from({length: classes}, (_, target) => othersOf(predicted, target, images))
        const asked = takeImages(evidence.base, 1 + Math.max(...others.map((own) => own.at(-1)!)))
        const [row] = await underProbes(model, asked, [blendWaves(shape, basis, grey)])
        const starts = others.map((own, target): Refined<Float64Array> => ({
          target,
          at: grey,
          score: meanOf(row!, {target, classes, counts: (i) => own.includes(i)}),
        }))
        refined = await runHeats(starts, {
          ...heats,
          async refine({target, at}, {from, to}) {
            const top = await ascend(at, {
              rounds: Array.from({length: to - from}, (_, n) => from + n),
              pairs,
              random: context.random.fork('ascend').fork(target),
              async scores(candidates) {
                task.advance(1)
                return scores(target, candidates)
              },
            })
            return {target, at: top, score: (await scores(target, [top]))[0]!}
          },
        })
      } finally {
        task.end()
      }
      return observeRefined(
        model,
        refined.map(({target, at}) => ({target, probe: blendWaves(shape, basis, at)})),
        {evidence, heldOut, details: {waves: basis.length}, context},
      )
    },
  }),
})
