import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {patternProbes} from '../probes/patterns.ts'
import {searchProbes} from './probe-search.ts'
import {shapeOf} from './shape-of.ts'

/**
 * Patterns over the whole image. Clean networks whose training images had little texture or colour follow some of them
 * too, so this has a null of its own and never counts as a demonstration.
 */
export const patternProbesDetector = defineMethod({
  kind: 'detector',
  name: 'pattern_probes',
  summary:
    'Blends, sinusoids, low frequencies and warps over the whole image: does one move images into one class?',
  options: z.strictObject({
    images: z.int().min(40).max(5000).default(120).describe('Base images a probe is tried on'),
  }),
  create: (options) => ({
    version: 1,
    needs: 'forward',
    inspect: (model, evidence, context) =>
      searchProbes(
        patternProbes(shapeOf(model), context.random.fork('patterns')),
        {model, evidence, context, label: 'Pattern probes'},
        {...options, confirm: 1, demonstrates: false},
      ),
  }),
})
