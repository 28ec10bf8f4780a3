import {z} from 'zod'
import {ScanFinding} from '../modelfile/scan-finding.ts'
import {likenesses} from './likeness.ts'

const fraction = z.number().min(0).max(1)
const classIndex = z.number().int().min(0)

export const verdicts = ['pass', 'review', 'block', 'error', 'skipped'] as const
export const Verdict = z.enum(verdicts)
export type Verdict = z.infer<typeof Verdict>

/** A picture for the report: PNG bytes in base64 and what one sees. */
export const Illustration = z.strictObject({
  kind: z.enum(['sample', 'probe', 'trigger']),
  caption: z.string(),
  /** Pixels; the page scales it up without smoothing. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  png: z.base64(),
  trigger: z.string().optional().describe('Name of the trigger it shows, as in demonstrations'),
})
export type Illustration = z.infer<typeof Illustration>

export const Finding = z.strictObject({
  detector: z.string(),
  summary: z.string().optional().describe("What it looks for, one sentence: the method's own"),
  paper: z.string().optional().describe('URL of the paper'),
  statistic: z.number().nullable().describe('Larger is more suspicious; null when it could not be computed'),
  pValue: fraction
    .nullable()
    .describe('Share of clean calibration models at least as extreme; null: not calibrated for this model'),
  suspicious: z.boolean(),
  target: classIndex.nullable(),
  seconds: z.number().min(0),
  perClass: z.array(z.number()).optional(),
  /** Of the calibration's clean models, to draw beside it: 5 %, 50 % and 95 % quantile of the statistic. */
  band: z.tuple([z.number(), z.number(), z.number()]).optional(),
  details: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
})
export type Finding = z.infer<typeof Finding>

export const Transfer = z.strictObject({
  distiller: z.string(),
  defence: z.string().nullable().describe('null: vanilla'),
  trigger: z.string(),
  target: classIndex,
  teacherAsr: fraction,
  studentAsr: fraction,
  controlAsr: fraction.describe(
    'The same figure for random controls of the same size and norm, on the student',
  ),
  teacherControlAsr: fraction.optional(),
  studentAccuracy: fraction.nullable().describe('Only where labelled data was given'),
  /** Share of base images on which student and teacher agree. */
  agreement: fraction.nullable(),
})
export type Transfer = z.infer<typeof Transfer>

/** A concrete trigger that moves images into one class, far beyond its random controls. */
export const Demonstration = z.strictObject({
  trigger: z.string(),
  origin: z
    .enum(['known', 'given', 'probe', 'wave', 'inverted'])
    .describe('Where the trigger comes from; a `wave` has its neighbouring frequencies among its controls'),
  on: z.enum(['teacher', 'student', 'student+abd']),
  evidence: z
    .enum(['patches', 'task'])
    .optional()
    .describe(
      'What it was measured on: images that have nothing to do with the task (default), or given ones of it',
    ),
  target: classIndex,
  asr: fraction,
  controlAsr: fraction,
  images: z
    .number()
    .int()
    .positive()
    .describe('Images it was measured on, none already predicted as the target'),
  clean: z
    .strictObject({usual: z.number(), most: z.number()})
    .optional()
    .describe(
      'How far clean models are moved by what was searched: 95 % of them less than `usual`, none more than `most`. Absent where clean models resist such triggers, or where nothing was searched',
    ),
})
export type Demonstration = z.infer<typeof Demonstration>

export {ScanFinding}

export const REPORT_SCHEMA_VERSION = 1

/** One audited file. Fractions are 0 to 1. */
export const Report = z.strictObject({
  schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
  tool: z.strictObject({name: z.literal('abd'), version: z.string()}),
  model: z.strictObject({
    path: z.string(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
    bytes: z.number().int().min(0).nullable(),
    format: z.string().nullable(),
    architecture: z.string().nullable(),
    classes: z.number().int().positive().nullable(),
    classNames: z.array(z.string()).optional(),
    input: z.tuple([z.number(), z.number(), z.number()]).nullable(),
    normalisation: z
      .strictObject({
        mean: z.array(z.number()),
        std: z.array(z.number()),
        source: z.enum(['flags', 'card', 'guessed']),
      })
      .nullable(),
    parameters: z.number().int().min(0).nullable(),
    accuracy: fraction.optional().describe('On the labelled data, where some was given'),
  }),
  verdict: Verdict,
  reasons: z.array(z.string()),
  /** What the user should do next, in plain words. */
  advice: z.array(z.string()),
  score: fraction
    .nullable()
    .describe('Estimated probability of a backdoor at a prior of 0.5; never the basis of the verdict'),
  suspectedTarget: classIndex.nullable(),
  demonstrations: z.array(Demonstration),
  findings: z.array(Finding),
  transfer: z.array(Transfer),
  transferTested: z.boolean(),
  transferSeconds: z.number().min(0).optional().describe('What the transfer test took'),
  scan: z.array(ScanFinding),
  limits: z.array(z.string()).describe('What this audit cannot exclude, and why'),
  access: z.array(z.enum(['none', 'images', 'data', 'trigger'])),
  plan: z.record(z.string(), z.unknown()).describe('What was run, enough to replay it'),
  calibration: z.strictObject({
    id: z.string().nullable(),
    models: z.number().int().min(0).describe('Clean models that rank this one'),
    smallestP: fraction.nullable(),
    applies: z.boolean().describe('false: this model is unlike the calibration'),
    likeness: z
      .enum(likenesses)
      .optional()
      .describe(
        'kind: the clean models have its architecture, channels, classes and about its size of images; related: its channels and size, and half to twice as many classes',
      ),
    fused: z
      .strictObject({statistic: z.number(), pValue: fraction, detectors: z.array(z.string()).optional()})
      .optional()
      .describe('Signals put together into one statistic, ranked once: what a verdict by p rests on'),
    note: z.string().optional(),
  }),
  policy: z.strictObject({source: z.string(), values: z.record(z.string(), z.unknown())}),
  engine: z.strictObject({name: z.string(), version: z.string(), device: z.string()}).nullable(),
  seed: z.number().int(),
  started: z.iso.datetime(),
  seconds: z.number().min(0),
  illustrations: z.array(Illustration),
})
export type Report = z.infer<typeof Report>
