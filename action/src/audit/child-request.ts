import {z} from 'zod'
import {Policy} from '../../../src/audit/policy.ts'
import {Report} from '../../../src/audit/report-schema.ts'

/** What the parent asks of the child, as one argument in JSON. */
export const ChildRequest = z.strictObject({
  /** Relative to the child's folder. */
  model: z.string(),
  /** The file with what the parser answered. */
  parsed: z.string(),
  /** The file to answer in. */
  answer: z.string(),
  engine: z.enum(['tensorflow', 'wasm']),
  staticOnly: z.boolean(),
  policy: Policy,
  policySource: z.string(),
  seed: z.number().int(),
  profile: z.enum(['quick', 'standard']).optional(),
  budget: z.string().optional(),
  data: z.string().optional(),
})
export type ChildRequest = z.infer<typeof ChildRequest>

/** What it answers; read as if the model had written it. */
export const ChildAnswer = z.union([
  z.strictObject({report: Report}),
  z.strictObject({
    error: z.strictObject({code: z.string(), message: z.string(), hints: z.array(z.string())}),
  }),
])
export type ChildAnswer = z.infer<typeof ChildAnswer>
