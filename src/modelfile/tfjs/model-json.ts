import {z} from 'zod'
import {environmentError} from '../../errors.ts'
import type {ParsedFile} from '../reader.ts'
import {duplicateKey} from '../safetensors/duplicate-key.ts'
import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Weight = z.looseObject({
  name: z.string().max(2000),
  shape: z.array(size).max(8),
  dtype: z.string(),
  quantization: z
    .looseObject({dtype: z.string(), scale: z.number().optional(), min: z.number().optional()})
    .optional(),
})
const ModelJson = z.looseObject({
  format: z.string().optional(),
  modelTopology: z.unknown().optional(),
  signature: z.unknown().optional(),
  weightsManifest: z
    .array(z.looseObject({paths: z.array(z.string()).max(10_000), weights: z.array(Weight).max(50_000)}))
    .max(10_000),
})
export type ModelJson = z.infer<typeof ModelJson>

const MAX_BYTES = 2 ** 26

/** model.json, checked by schema. Throws E_TFJS. */
export async function readModelJson(file: ParsedFile): Promise<{model: ModelJson; scan: ScanFinding[]}> {
  if (file.bytes > MAX_BYTES) throw brokenTfjs(file, `it has ${file.bytes} bytes`)
  const text = Buffer.from(await file.read(0, file.bytes)).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw brokenTfjs(file, error instanceof Error ? error.message.slice(0, 200) : 'not JSON')
  }
  const parsed = ModelJson.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw brokenTfjs(file, `${issue!.path.join('.')}: ${issue!.message}`)
  }
  const twice = duplicateKey(text)
  return {
    model: parsed.data,
    scan:
      twice === undefined
        ? []
        : [finding('duplicateField', `the key '${twice}'`, text.indexOf(`"${twice}"`))],
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

export const refuseTfjs = (file: ParsedFile, why: string) =>
  environmentError({
    code: 'E_FORMAT_UNSUPPORTED',
    message: `${file.path} is a TensorFlow.js model that abd only scans: ${why}.`,
    hints: [
      'Export the model that it was converted from as ONNX (python -m tf2onnx.convert), or as a Keras file.',
    ],
  })

export const brokenTfjs = (file: ParsedFile, why: string) =>
  environmentError({
    code: 'E_TFJS',
    message: `${file.path} is a broken TensorFlow.js model: ${why}.`,
    hints: ['Convert the model again, or fetch it again from its source.'],
  })
