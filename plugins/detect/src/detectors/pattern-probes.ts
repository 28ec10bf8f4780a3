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
    screen: z.int().min(24).max(5000).default(40).describe('Base images that every probe is tried on'),
    refine: z.int().min(1).max(300).default(8).describe('Best probes tried on more images'),
    images: z.int().min(40).max(5000).default(200).describe('Base images the best probes are tried on'),
  }),
  create: (options) => ({
    version: 2,
    needs: 'forward',
    inspect: (model, evidence, context) =>
      searchProbes(
        patternProbes(shapeOf(model), context.random.fork('patterns')),
        {model, evidence, context, label: 'Pattern probes'},
        {...options, confirm: 1, demonstrates: false},
      ),
  }),
})
