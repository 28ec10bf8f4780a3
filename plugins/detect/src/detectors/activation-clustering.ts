import {defineMethod} from '@abd/core'
import type {Context} from '@abd/core'
import {takeImages} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {inBatches, normalise, predict} from '@abd/core/train'
import type * as tf from '@tensorflow/tfjs-core'
import {z} from 'zod'
import {principalComponents} from '../clusters/principal-components.ts'
import {twoClusters} from '../clusters/two-clusters.ts'
import {notApplicable, tooFewClasses} from './not-applicable.ts'
import {outlier} from './outlier.ts'

/** What silhouettes of clean classes differ by. */
const LEAST_SPREAD = 0.05

const needs = (fewest: number) =>
  notApplicable(
    `it needs ${fewest} images in each of three classes or more, of those that may have been poisoned: give them with --data or --images`,
  )

const notNumbers = (broken: number, count: number, target: number) =>
  notApplicable(
    `the last features of ${broken} of ${count} images of class ${target} are NaN or infinite: nothing can be compared`,
  )

/**
 * Activation Clustering (Chen et al., SafeAI 2019) over the images that were given, best those that the model was trained on:
 * what a network takes for one class falls into two clusters in its last features where some images are there for a trigger and
 * the others for what they show. For each class (of `fewest` images or more, by the network's own answer) the silhouette of two
 * clusters (k-means) on the first principal axes; the statistic is the largest class's distance from the others as a robust
 * z-score. Where no image carries a trigger, it sees none. Departs from the paper in principal axes in place of independent ones
 * and in comparing classes, where it asks a person or a fixed silhouette of 0.1 to 0.15.
 */
export const activationClustering = defineMethod({
  kind: 'detector',
  name: 'activation_clustering',
  summary: 'Given images of one class that fall into two groups inside the network: one may carry a trigger',
  paper: 'https://arxiv.org/abs/1811.03728',
  options: z.strictObject({
    fewest: z.int().min(5).max(1000).default(20).describe('Images that a class needs to be looked at'),
    most: z.int().min(20).max(2000).default(200).describe('Images of a class that are looked at'),
    axes: z.int().min(1).max(50).default(2).describe('Principal axes that clusters are looked for on'),
  }),
  create: ({fewest, most, axes}) => ({
    version: 1,
    needs: 'forward',
    needsTaskImages: true,
    async inspect(model, {data, images}, context) {
      const {classes} = model.network.architecture
      if (classes < 3) return tooFewClasses
      const given = data?.images ?? images
      if (!given) return needs(fewest)
      // A class counts as many as it would have if all had alike.
      const share = Math.min(most, Math.ceil(given.count / classes))
      const task = context.progress.start('Activation clustering', given.count + classes * share)
      // A folder comes class by class: which images are looked at is drawn.
      const drawn = [...context.random.fork('activations').permutation(given.count)]
      try {
        const predicted = await predict(model, given, {signal: context.signal, task})
        const looks: {target: number; silhouette: number; smallerShare: number; count: number}[] = []
        for (let target = 0; target < classes; target++) {
          const own = drawn.filter((i) => predicted[i] === target).slice(0, most)
          if (own.length >= fewest) {
            const rows = await featuresOf(model, takeImages(given, own), context)
            const broken = rows.filter((row) => !row.every(Number.isFinite)).length
            if (broken > 0) return notNumbers(broken, own.length, target)
            const {silhouette, smaller} = twoClusters(principalComponents(rows, axes))
            const smallerShare = smaller.filter(Boolean).length / own.length
            looks.push({target, silhouette, smallerShare, count: own.length})
          }
          task.advance(share)
        }
        if (looks.length < 3) return needs(fewest)
        const {statistic, target} = outlier(
          looks.map(({silhouette}) => silhouette),
          LEAST_SPREAD,
        )
        const suspect = looks[target]!
        return {
          statistic,
          target: suspect.target,
          ...(looks.length === classes ? {perClass: looks.map(({silhouette}) => silhouette)} : {}),
          details: {
            classes: looks.length,
            images: suspect.count,
            silhouette: suspect.silhouette,
            smallerGroup: suspect.smallerShare,
          },
        }
      } finally {
        task.end()
      }
    },
  }),
})

/** The input of the last layer for each image: [images][features]. */
async function featuresOf(
  {network, normalisation}: Model,
  images: Images,
  {signal}: Context,
): Promise<number[][]> {
  const {architecture, parameters} = network
  const work = (x: tf.Tensor4D) => ({
    features: architecture.forward(parameters, normalise(x, normalisation), 'eval').features,
  })
  const rows: number[][] = []
  for await (const {indices, values} of inBatches(images, work, {signal})) {
    const length = values.features.length / indices.length
    indices.forEach((_, n) => rows.push([...values.features.subarray(n * length, (n + 1) * length)]))
  }
  return rows
}
