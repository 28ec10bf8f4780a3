import type {Context} from '@abd/core'
import type {Evidence} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {z} from 'zod'
import {synthesiseImages} from './synthesise-images.ts'

/** What a detector searches on. */
export const sourceOption = z
  .enum(['patches', 'synthetic'])
  .default('patches')
  .describe(
    'What triggers are searched on: patches that have nothing to do with the task, or images inverted from the model itself',
  )

/** Images to search on, and others to confirm on. */
export async function searchImages(
  source: z.infer<typeof sourceOption>,
  model: Model,
  evidence: Evidence,
  context: Context,
): Promise<{readonly base: Images; readonly heldOut: Images}> {
  const {base, heldOut} = evidence
  return {base: source === 'patches' ? base : await synthesiseImages(model, {}, context), heldOut}
}
