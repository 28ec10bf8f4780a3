import type {Context} from '@abd/core'
import type {Evidence} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {z} from 'zod'
import {notApplicable} from '../detectors/not-applicable.ts'
import {synthesiseImages} from './synthesise-images.ts'

/** Images of a generator: as many as are synthesised by default. */
const DRAWN = 100

/** What a detector searches on. */
export const sourceOption = z
  .enum(['patches', 'synthetic', 'generator'])
  .default('patches')
  .describe(
    'What triggers are searched on: patches that have nothing to do with the task, images inverted from the model itself, or those of a generator that the model has taught',
  )

/** Images to search on, and others to confirm on; undefined where they would come from a generator and none can be trained. */
export async function searchImages(
  source: z.infer<typeof sourceOption>,
  model: Model,
  evidence: Evidence,
  context: Context,
): Promise<{readonly base: Images; readonly heldOut: Images} | undefined> {
  const {heldOut} = evidence
  const found = {
    patches: async () => evidence.base,
    synthetic: async () => synthesiseImages(model, {}, context),
    generator: async () => evidence.drawn?.(DRAWN),
  }
  const base = await found[source]()
  return base && {base, heldOut}
}

export const needsGenerator = notApplicable(
  'it was to search on images of a generator, and none is trained here',
)
