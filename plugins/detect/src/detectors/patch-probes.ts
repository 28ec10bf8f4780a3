import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {patchProbes} from '../probes/patches.ts'
import {searchProbes} from './probe-search.ts'
import {shapeOf} from './shape-of.ts'

/** A detector of this project: small patches that no attacker need have chosen. */
export const patchProbesDetector = defineMethod({
  kind: 'detector',
  name: 'patch_probes',
  summary:
    'Small patches of every kind, on images that have nothing to do with the task: does one move them into one class?',
  options: z.strictObject({
    screen: z.int().min(24).max(5000).default(40).describe('Base images that every probe is tried on'),
    refine: z.int().min(1).max(300).default(24).describe('Best probes tried on more images'),
    images: z.int().min(40).max(5000).default(200).describe('Base images the best probes are tried on'),
    confirm: z.int().min(1).max(50).default(3).describe('Best probes repeated on held-out images'),
  }),
  create: (options) => ({
    version: 2,
    needs: 'forward',
    inspect: (model, evidence, context) =>
      searchProbes(
        patchProbes(shapeOf(model), context.random.fork('patches')),
        {model, evidence, context, label: 'Patch probes'},
        {...options, demonstrates: true},
      ),
  }),
})
