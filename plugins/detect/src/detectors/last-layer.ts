import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {tooFewClasses} from './not-applicable.ts'
import {outlier} from './outlier.ts'

/**
 * A class whose row in the last layer stands out: the sum of its weights (features behind a ReLU are not negative, so a
 * row that is large in sum answers to whatever is active), as a robust z-score over classes. Weight statistics of this
 * kind won rounds of TrojAI where reference models of the same kind exist; the calibration is that reference.
 */
export const lastLayer = defineMethod({
  kind: 'detector',
  name: 'last_layer',
  summary: 'One class whose weights in the last layer stand out',
  options: z.strictObject({}),
  create: () => ({
    version: 1,
    needs: 'forward',
    async inspect(model) {
      const {architecture, parameters} = model.network
      if (architecture.classes < 3) return tooFewClasses
      const head = parameters.get(architecture.head)!
      const weights = await head.data() // [features, classes]
      const {classes} = architecture
      const sums = new Array<number>(classes).fill(0)
      for (let i = 0; i < weights.length; i++) sums[i % classes]! += weights[i]!
      return {...outlier(sums), perClass: sums, details: {features: weights.length / classes}}
    },
  }),
})
