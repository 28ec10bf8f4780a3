import {defineMethod} from '@abd/core'
import {takeImages} from '@abd/core/data'
import {predict} from '@abd/core/train'
import {z} from 'zod'

/**
 * Where images that have nothing to do with the task end up. A poisoned network's decision regions lean towards its
 * target (the idea behind the class-mismatch filters of data-free distillation defences); so, alas, do those of many
 * clean ones, which is why its null is the calibration's.
 */
export const predictionSkew = defineMethod({
  kind: 'detector',
  name: 'prediction_skew',
  summary: 'How unevenly the classes share images that have nothing to do with the task',
  options: z.strictObject({images: z.int().min(40).max(20_000).default(500)}),
  create: ({images}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model, evidence) {
      const {classes} = model.network.architecture
      const predicted = await predict(model, takeImages(evidence.base, images))
      const counts = new Array<number>(classes).fill(0)
      for (const c of predicted) counts[c]!++
      const perClass = counts.map((count) => count / predicted.length)
      const entropy = -perClass.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) : sum), 0)
      const top = perClass.indexOf(Math.max(...perClass))
      return {
        // 0: all classes alike, 1: all images in one class.
        statistic: 1 - entropy / Math.log(classes),
        target: top,
        perClass,
        details: {images: predicted.length, largestShare: perClass[top]!},
      }
    },
  }),
})
