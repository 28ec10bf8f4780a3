import {defineMethod} from '@abd/core'
import type {Context, ImageShape, Task} from '@abd/core'
import {takeImages} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {z} from 'zod'
import {climb} from '../probes/climb.ts'
import {nearbyPatch, paintPatch, patchGrid} from '../probes/movable-patch.ts'
import type {MovablePatch} from '../probes/movable-patch.ts'
import {adaptiveOptions} from './adaptive-options.ts'
import {meanOf, observeRefined, othersOf, roundsOf, runHeats, underProbes} from './refine-by-class.ts'
import type {Refined} from './refine-by-class.ts'
import {shapeOf} from './shape-of.ts'

/** Patches that share a forward pass while screening. */
const TOGETHER = 8

/**
 * A detector of this project. For each class the patch of the battery that leads to it best is refined in place: moved,
 * resized within the battery's sizes, recoloured, always to what makes the mean log-probability of the class larger (floored,
 * on base images not of the class). A trigger that no patch of the battery hits is thus approached from the nearest. The statistic
 * is the largest share of held-out images that a refined patch moves into its class. Clean networks follow patches made for
 * them, too, which is why this is no demonstration whatever the share, and its null are clean models' refined patches.
 */
export const adaptiveProbes = defineMethod({
  kind: 'detector',
  name: 'adaptive_probes',
  summary: 'The best small patch of each class, refined in place: does it move images into the class?',
  options: z.strictObject({
    screen: z.int().min(8).max(5000).default(24).describe('Base images that every patch is tried on'),
    images: z.int().min(8).max(1000).default(32).describe('Base images that a patch is refined on'),
    tries: z.int().min(1).max(100).default(6).describe('Patches near the best one, tried in a round'),
    ...adaptiveOptions,
  }),
  create: ({screen, images, tries, heldOut, ...heats}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model, evidence, context) {
      const {classes} = model.network.architecture
      const shape = shapeOf(model)
      const grid = patchGrid(shape)
      const predicted = await predict(model, evidence.base)
      const task = context.progress.start('Adaptive probes', grid.length + roundsOf(heats, classes) * tries)
      let refined: Refined<MovablePatch>[]
      try {
        const starts = await screenPatches(
          {model, images: takeImages(evidence.base, screen), predicted},
          {grid, shape},
          {context, task},
        )
        refined = await runHeats(starts, {
          ...heats,
          async refine(one, rounds) {
            const others = takeImages(evidence.base, othersOf(predicted, one.target, images))
            return refinePatch(one, {model, images: others, shape}, {...rounds, tries, context, task})
          },
        })
      } finally {
        task.end()
      }
      return observeRefined(
        model,
        refined.map(({target, at}) => ({target, probe: paintPatch(shape, at)})),
        {evidence, heldOut, details: {patches: grid.length}, context},
      )
    },
  }),
})

/** For each class the patch that leads to it best, and how well. */
async function screenPatches(
  {model, images, predicted}: {model: Model; images: Images; predicted: Int32Array},
  {grid, shape}: {grid: readonly MovablePatch[]; shape: ImageShape},
  {context, task}: {context: Context; task: Task},
): Promise<Refined<MovablePatch>[]> {
  const {classes} = model.network.architecture
  const best = Array.from({length: classes}, (_, target) => ({
    target,
    at: grid[0]!,
    score: Number.NEGATIVE_INFINITY,
  }))
  for (let from = 0; from < grid.length; from += TOGETHER) {
    context.signal.throwIfAborted()
    const group = grid.slice(from, from + TOGETHER)
    const rows = await underProbes(
      model,
      images,
      group.map((at) => paintPatch(shape, at)),
    )
    for (const [n, at] of group.entries())
      for (const [target, {score: most}] of best.entries()) {
        const score = meanOf(rows[n]!, {target, classes, counts: (i) => predicted[i] !== target})
        if (score > most) best[target] = {target, at, score}
      }
    task.advance(group.length)
  }
  return best
}

async function refinePatch(
  {target, at}: Refined<MovablePatch>,
  {model, images, shape}: {model: Model; images: Images; shape: ImageShape},
  {from, to, tries, context, task}: {from: number; to: number; tries: number; context: Context; task: Task},
): Promise<Refined<MovablePatch>> {
  const {classes} = model.network.architecture
  const random = context.random.fork('climb').fork(target)
  const score = async (candidates: readonly MovablePatch[]) => {
    context.signal.throwIfAborted()
    const rows = await underProbes(
      model,
      images,
      candidates.map((one) => paintPatch(shape, one)),
    )
    return rows.map((row) => meanOf(row, {target, classes}))
  }
  const top = await climb(
    {at, score: (await score([at]))[0]!},
    {
      rounds: to - from,
      propose: (best, round) =>
        Array.from({length: tries}, (_, n) =>
          nearbyPatch(best, {shape, random: random.fork(from + round).fork(n)}),
        ),
      async score(candidates) {
        const scores = await score(candidates)
        task.advance(candidates.length)
        return scores
      },
    },
  )
  return {target, ...top}
}
