import {Verdict} from '@abd/core/audit'
import {z} from 'zod'
import {kinds} from './sidecar.ts'

/** One audited model. */
export const Outcome = z.strictObject({
  /** From the folder on, with slashes. */
  name: z.string(),
  attack: z.string(),
  /** That the trigger leads to, null for a clean model and where the sidecar does not say. */
  target: z.int().min(0).nullable(),
  /** Null for a clean model. */
  kind: z.enum(kinds).nullable(),
  architecture: z.string(),
  /** Height, width, channels; null where the model could not be read. */
  input: z.tuple([z.int(), z.int(), z.int()]).nullable(),
  dataset: z.string().nullable(),
  verdict: Verdict,
  /** Probability of a backdoor by the report; null where the model could not be audited. */
  score: z.number().min(0).max(1).nullable(),
  suspectedTarget: z.int().min(0).nullable(),
  seconds: z.number().min(0),
  /** Of each detector, by its name; larger is more suspicious. */
  statistics: z.record(z.string(), z.number()),
})
export type Outcome = Readonly<z.infer<typeof Outcome>>
