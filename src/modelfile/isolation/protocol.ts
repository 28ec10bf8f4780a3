import {z} from 'zod'
import {Plan} from '../plan-schema.ts'

/** What the parsing process is told: as JSON in its one argument. The file itself is its standard input. */
export const Request = z.strictObject({
  /** For messages only. */
  path: z.string(),
  bytes: z.number().int().min(0),
  key: z.string().optional(),
  limits: z.record(z.string(), z.number()),
})
export type Request = z.infer<typeof Request>

const ErrorMessage = z.strictObject({
  code: z.string().regex(/^E_[A-Z0-9_]{1,60}$/),
  exit: z.union([z.literal(2), z.literal(3), z.literal(4)]),
  message: z.string().max(20_000),
  hints: z.array(z.string().max(20_000)).max(20),
})
export type ErrorMessage = z.infer<typeof ErrorMessage>

/** What it answers: on its standard output, four bytes of length (little-endian), this as JSON, then the payload. */
export const Answer = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    format: z.string().max(40),
    plan: Plan,
    digests: z.array(z.tuple([z.number().int().min(0), z.string().regex(/^[0-9a-f]{64}$/)])).max(1_000_000),
    refusal: ErrorMessage.optional(),
  }),
  z.strictObject({ok: z.literal(false), error: ErrorMessage}),
])
export type Answer = z.infer<typeof Answer>
