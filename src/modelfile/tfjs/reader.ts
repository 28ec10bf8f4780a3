import {z} from 'zod'
import {environmentError, type AbdError} from '../../errors.ts'
import {elements, itemBytes, type Dtype} from '../dtype.ts'
import {graphOfConfig} from '../keras/graph-of-config.ts'
import {inspectConfig} from '../keras/inspect-config.ts'
import {nameWeights} from '../keras/name-weights.ts'
import {isDangerous} from '../model-file.ts'
import {noWeightsPlan, plainStorage, type PlannedStorage, type PlannedTensor} from '../plan.ts'
import type {ModelReader, ParsedFile} from '../reader.ts'
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
const Model = z.looseObject({
  format: z.string().optional(),
  modelTopology: z.unknown(),
  weightsManifest: z
    .array(z.looseObject({paths: z.array(z.string()).max(10_000), weights: z.array(Weight).max(50_000)}))
    .max(10_000),
})
type Model = z.infer<typeof Model>

const stored: Readonly<Record<string, Dtype>> = {
  float32: 'float32',
  float16: 'float16',
  int32: 'int32',
  bool: 'bool',
  uint8: 'uint8',
  uint16: 'uint16',
}

const MAX_BYTES = 2 ** 26

/** A TensorFlow.js model: model.json, which names the files (shards) of weights beside it. Layers models are run. */
export const tfjs: ModelReader = {
  name: 'tfjs',
  extensions: ['.json'],
  matches: (head) => {
    const text = Buffer.from(head).toString('latin1')
    return /^\s*\{/.test(text.slice(0, 1024)) && /"(modelTopology|weightsManifest)"/.test(text)
  },

  async parse(file) {
    if (file.bytes > MAX_BYTES) throw broken(file, `it has ${file.bytes} bytes`)
    const text = Buffer.from(await file.read(0, file.bytes)).toString('utf8')
    const {model, scan} = parseModel(file, text)
    const {files, unsafe} = shards(model)
    scan.push(...unsafe, ...inspectConfig(topologyOf(model), undefined))
    if (isDangerous(scan)) return {plan: noWeightsPlan(scan)}
    const graphModel = isGraph(model)
    const found = graphModel ? undefined : graphOfConfig(file.path, topologyOf(model))
    const graph = found && 'graph' in found ? found.graph : undefined
    const refusal: AbdError | undefined = graphModel
      ? refuse(file, 'it is a graph model, of operators and not of layers')
      : found && 'refusal' in found
        ? found.refusal
        : undefined
    if (refusal) return {plan: noWeightsPlan(scan), refusal}
    const {tensors, storages} = weights(file, model, files)
    return {
      plan: {
        ...noWeightsPlan(scan),
        files: files.flatMap(({names}) => names),
        tensors: graph ? nameWeights(graph, tensors) : tensors,
        storages,
        ...(graph && {graph}),
      },
    }
  },
}

function parseModel(file: ParsedFile, text: string): {model: Model; scan: ScanFinding[]} {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw broken(file, error instanceof Error ? error.message.slice(0, 200) : 'not JSON')
  }
  const parsed = Model.safeParse(value)
  if (!parsed.success)
    throw broken(file, `${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`)
  const twice = duplicateKey(text)
  return {
    model: parsed.data,
    scan:
      twice === undefined
        ? []
        : [finding('duplicateField', `the key '${twice}'`, text.indexOf(`"${twice}"`))],
  }
}

interface Shards {
  readonly names: readonly string[]
}

/** Plain names in the folder of the model; all else would make a loader read, or fetch, what the file chooses. */
function shards(model: Model): {files: Shards[]; unsafe: ScanFinding[]} {
  const unsafe: ScanFinding[] = []
  const files = model.weightsManifest.map(({paths}) => ({names: paths}))
  for (const name of files.flatMap(({names}) => names))
    if (!/^\w[\w.+ -]*$/.test(name) || name.includes('..'))
      unsafe.push(finding('externalData', `weights lie in '${name.slice(0, 200)}'`, null))
  return {files, unsafe}
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined

const isGraph = (model: Model) =>
  model.format === 'graph-model' || Array.isArray(record(model.modelTopology)?.['node'])

const topologyOf = ({modelTopology}: Model): unknown =>
  record(modelTopology)?.['model_config'] ?? modelTopology

/** A group's weights lie one after the other through its shards; one that lies in two of them is not read. */
function weights(file: ParsedFile, model: Model, files: readonly Shards[]) {
  const tensors: PlannedTensor[] = []
  const storages: PlannedStorage[] = []
  let index = 0
  for (const [group, {names}] of files.entries()) {
    if (names.length !== 1)
      throw refuse(
        file,
        `a group of its weights lies in ${names.length} files; save it with one shard (weight_shard_size_bytes)`,
      )
    let position = 0
    for (const {name, shape, dtype, quantization} of model.weightsManifest[group]!.weights) {
      const kept = stored[quantization?.dtype ?? dtype]
      if (!kept) throw refuse(file, `the weight '${name}' has the type ${quantization?.dtype ?? dtype}`)
      const bytes = elements(shape) * itemBytes(kept)
      const {scale, min} = quantization ?? {}
      tensors.push({
        name,
        dtype: kept,
        shape,
        stride: null,
        storage: storages.length,
        offset: 0,
        ...(scale !== undefined && {quantised: {scale, minimum: min ?? 0}}),
      })
      storages.push({...plainStorage({start: position, end: position + bytes}, name), file: index})
      position += bytes
    }
    index++
  }
  return {tensors, storages}
}

const refuse = (file: ParsedFile, why: string) =>
  environmentError({
    code: 'E_FORMAT_UNSUPPORTED',
    message: `${file.path} is a TensorFlow.js model that abd only scans: ${why}.`,
    hints: [
      'Export the model that it was converted from as ONNX (python -m tf2onnx.convert), or as a Keras file.',
    ],
  })

const broken = (file: ParsedFile, why: string) =>
  environmentError({
    code: 'E_TFJS',
    message: `${file.path} is a broken TensorFlow.js model: ${why}.`,
    hints: ['Convert the model again, or fetch it again from its source.'],
  })
