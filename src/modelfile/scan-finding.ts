import {z} from 'zod'

/** What a scan found in a file; the rules are in scan-rules.ts. */
export const ScanFinding = z.strictObject({
  rule: z.string().regex(/^ABD-F\d{3}$/),
  severity: z.enum(['critical', 'high', 'medium', 'low', 'info']),
  message: z.string(),
  offset: z.number().int().min(0).nullable(),
})
export type ScanFinding = z.infer<typeof ScanFinding>
