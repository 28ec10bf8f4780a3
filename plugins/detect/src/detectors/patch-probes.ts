import {defineMethod} from '@abd/core'
import {z} from 'zod'
import {patchProbes} from '../probes/patches.ts'
import {searchProbes} from './probe-search.ts'
import {shapeOf} from './shape-of.ts'

/** A detector of this project: small patches that no attacker need have chosen (docs/methods/patch-probes.md). */
export const patchProbesDetector = defineMethod({
  kind: 'detector',
  name: 'patch_probes',
  summary:
    'Small patches of every kind, on images that have nothing to do with the task: does one move them into one class?',
  options: z.strictObject({
    images: z.int().min(40).max(5000).default(80).describe('Base images a probe is tried on'),
    confirm: z.int().min(1).max(50).default(3).describe('Best probes repeated on held-out images'),
  }),
  create: (options) => ({
    version: 1,
    needs: 'forward',
    inspect: (model, evidence, context) =>
      searchProbes(
        patchProbes(shapeOf(model), context.random.fork('patches')),
        {model, evidence, context, label: 'Patch probes'},
        {...options, demonstrates: true},
      ),
  }),
})
