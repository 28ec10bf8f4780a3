import {z} from 'zod'
import {Report} from '../audit/report-schema.ts'
import {ScanFinding} from '../modelfile/scan-finding.ts'

export const SCAN_SCHEMA_VERSION = 1

/** One scanned file: what `abd models scan --json` prints an array of. */
export const Scan = z.strictObject({
  schemaVersion: z.literal(SCAN_SCHEMA_VERSION),
  tool: Report.shape.tool,
  model: Report.shape.model.pick({path: true, sha256: true, bytes: true, format: true}),
  verdict: z.enum(['pass', 'review', 'block', 'error']),
  reasons: z.array(z.string()),
  advice: z.array(z.string()),
  readable: z.boolean().describe('Whether abd could load the weights, so that the model can be audited'),
  scan: z.array(ScanFinding).describe('Worst first; offset is the byte in the file'),
  seconds: z.number().min(0),
})
export type Scan = z.infer<typeof Scan>
