import {Verdict} from '@abd/core/audit'
import {z} from 'zod'
import {kinds} from './sidecar.ts'

const Fields = z.strictObject({
  /** From the folder on, with slashes. */
  name: z.string().min(1).max(1000),
  /** Of the file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  attack: z.string().min(1).max(200),
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
  /** Engine that audited it; null where none was needed. */
  engine: z.string().max(50).nullable(),
  seconds: z.number().min(0).max(1e9),
  /** Of each detector, by its name; larger is more suspicious. */
  statistics: z.record(z.string(), z.number()),
})

/** One audited model. */
export const Outcome = Fields.refine(
  ({attack, kind, target}) => (attack === 'clean' ? kind === null && target === null : kind !== null),
  {error: 'a clean model has neither kind nor target, a poisoned one has a kind', path: ['kind']},
).refine(({verdict, score}) => verdict !== 'error' || score === null, {
  error: 'a model that could not be audited has no score',
  path: ['score'],
})
export type Outcome = Readonly<z.infer<typeof Outcome>>
