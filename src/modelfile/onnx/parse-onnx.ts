import {environmentError, type AbdError} from '../../errors.ts'
import {createFindingList} from '../finding-list.ts'
import {inspectMetadata} from '../inspect-metadata.ts'
import {isDangerous} from '../model-file.ts'
import {noWeightsPlan, type Graph, type GraphNode} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {finding} from '../scan-rules.ts'
import {readNode} from './read-node.ts'
import {readTensor, type TensorSink} from './read-tensor.ts'
import {brokenOnnx, fieldsIn, fieldsOf, text, type Field} from './wire.ts'

/** A classifier has hundreds of nodes; large language models have tens of thousands. */
const MAX_NODES = 20_000
const MAX_NODE_BYTES = 2 ** 26
/** Not said, float32, half, double, bfloat16. */
const floats = new Set([0, 1, 10, 11, 16])
const standard = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft'])

/**
 * https://onnx.ai: a protobuf message of a graph and its weights. Weights are not read, only where they lie. Constants in
 * nodes become tensors under the name of the node's output.
 */
export async function parseOnnx(file: ParsedFile, {limits}: ReadOptions): Promise<Parsed> {
  const sink: TensorSink = {
    file,
    limits,
    tensors: [],
    storages: [],
    files: [],
    payload: [],
    scan: createFindingList(limits.findings),
    payloadBytes: 0,
  }
  const metadata: Record<string, string> = {}
  let graph: Draft | undefined
  let opset = 0
  let functions = 0
  for await (const field of fieldsOf(file, 0, file.bytes)) {
    if (field.number === 7 && field.wire === 2) {
      if (graph) throw brokenOnnx(file.path, 'it has two graphs')
      graph = await readGraph(sink, field)
    } else if (field.number === 2 && field.wire === 2) metadata['producer'] = await short(file, field)
    else if (field.number === 6 && field.wire === 2) metadata['doc_string'] = await short(file, field)
    else if (field.number === 8 && field.wire === 2) {
      const [domain, version] = await readOpset(file, field)
      if (domain === '' || domain === 'ai.onnx') {
        if (opset !== 0 && opset !== version)
          throw brokenOnnx(file.path, `it imports ONNX's operators in two versions, ${opset} and ${version}`)
        opset = version
      }
    } else if (field.number === 14 && field.wire === 2) {
      const [key, value] = await readEntry(file, field)
      metadata[key.slice(0, 200)] = value
    } else if (field.number === 25) functions++
  }
  if (!graph) throw brokenOnnx(file.path, 'it has no graph')
  for (const found of inspectMetadata(metadata, null)) sink.scan.add(found)
  const scan = [...sink.scan.all]
  // Before the graph: it lacks the weights that were not looked for.
  if (isDangerous(scan)) return {plan: noWeightsPlan(scan)}
  const {made, refusal} = finish(file, graph, sink, functions)
  return {
    plan: {
      ...noWeightsPlan(scan),
      files: sink.files,
      tensors: sink.tensors,
      storages: sink.storages,
      metadata: {...metadata, opset},
      payloadBytes: sink.payloadBytes,
      ...(made && {graph: made}),
    },
    payload: sink.payload,
    ...(refusal && {refusal}),
  }
}

interface Draft {
  readonly nodes: GraphNode[]
  readonly inputs: ValueInfo[]
  readonly outputs: string[]
  subgraphs: number
}

async function readGraph(sink: TensorSink, {start, end}: Field): Promise<Draft> {
  const {file} = sink
  const draft: Draft = {nodes: [], inputs: [], outputs: [], subgraphs: 0}
  for await (const field of fieldsOf(file, start, end)) {
    if (field.wire !== 2) continue
    if (field.number === 1) await addNode(sink, draft, field)
    else if (field.number === 5) await readTensor(sink, field.start, field.end)
    else if (field.number === 11) draft.inputs.push(valueInfo(file.path, await whole(file, field)))
    else if (field.number === 12) draft.outputs.push(valueInfo(file.path, await whole(file, field)).name)
    else if (field.number === 15)
      throw environmentError({
        code: 'E_DTYPE',
        message: `${file.path}: it has sparse weights, which abd does not read.`,
        hints: ['Export the model with dense weights.'],
      })
  }
  return draft
}

async function addNode(sink: TensorSink, draft: Draft, field: Field): Promise<void> {
  const {file, scan} = sink
  if (draft.nodes.length >= MAX_NODES) throw brokenOnnx(file.path, `it has more than ${MAX_NODES} nodes`)
  const {node: read, domain, tensors, hasSubgraph} = readNode(file.path, await whole(file, field))
  const node = {...read, op: operatorOf(read.op, domain)}
  if (hasSubgraph) draft.subgraphs++
  if (!standard.has(domain))
    scan.add(finding('customOperator', `operator ${node.op} of the domain '${domain}'`, field.start))
  const value = tensors.find(
    ({attribute}) => attribute === 'value' && ['Constant', 'ConstantOfShape'].includes(node.op),
  )
  for (const {attribute} of tensors)
    if (attribute !== value?.attribute) node.attributes[attribute] = 'a tensor'
  if (value && node.op === 'Constant') {
    await readTensor(sink, field.start + value.start, field.start + value.end, node.outputs[0] ?? '')
    return
  }
  if (value) {
    // ConstantOfShape's: an input of its own, as if the file had named it.
    const name = `${node.outputs[0] ?? ''}/value`
    await readTensor(sink, field.start + value.start, field.start + value.end, name)
    draft.nodes.push({...node, inputs: [...node.inputs, name]})
    return
  }
  draft.nodes.push(node)
}

/** Under the name of its domain where that is not ONNX's: it may be anything. ONNX Runtime's Gelu became ONNX's. */
const operatorOf = (op: string, domain: string): string =>
  domain === '' || domain === 'ai.onnx' || (domain === 'com.microsoft' && op === 'Gelu')
    ? op
    : `${domain.slice(0, 100)}.${op}`

const whole = async (file: ParsedFile, {start, end}: Field) => {
  if (end - start > MAX_NODE_BYTES) throw brokenOnnx(file.path, `a node has ${end - start} bytes`)
  return file.read(start, end - start)
}

const short = async (file: ParsedFile, {start, end}: Field) =>
  text(await file.read(start, Math.min(end - start, 10_000)))

async function readOpset(file: ParsedFile, field: Field): Promise<[domain: string, version: number]> {
  const bytes = await whole(file, field)
  let domain = ''
  let version = 0
  for (const {number, wire, start, end, value} of fieldsIn(file.path, bytes)) {
    if (number === 1 && wire === 2) domain = text(bytes.subarray(start, end))
    if (number === 2 && wire === 0) version = value
  }
  return [domain, version]
}

async function readEntry(file: ParsedFile, field: Field): Promise<[key: string, value: string]> {
  const bytes = await whole(file, field)
  const parts = new Map(
    fieldsIn(file.path, bytes).map(({number, start, end}) => [number, text(bytes.subarray(start, end))]),
  )
  return [parts.get(1) ?? '', (parts.get(2) ?? '').slice(0, 100_000)]
}

interface ValueInfo {
  readonly name: string
  readonly shape: number[]
  /** TensorProto.DataType, 0 where it is not said. */
  readonly type: number
}

/** A ValueInfoProto: its name and shape, -1 where a dimension is open. */
function valueInfo(path: string, bytes: Uint8Array): ValueInfo {
  const within = (of: Uint8Array, number: number) =>
    fieldsIn(path, of)
      .filter((field) => field.number === number && field.wire === 2)
      .map(({start, end}) => of.subarray(start, end))
  const name = text(within(bytes, 1)[0] ?? new Uint8Array())
  const [type] = within(bytes, 2)
  const [tensor] = type ? within(type, 1) : []
  const [shape] = tensor ? within(tensor, 2) : []
  const element = tensor && fieldsIn(path, tensor).find(({number, wire}) => number === 1 && wire === 0)
  const dims = shape ? within(shape, 1) : []
  return {
    name,
    type: element?.value ?? 0,
    shape: dims.slice(0, 8).map((dim) => {
      const value = fieldsIn(path, dim).find(({number, wire}) => number === 1 && wire === 0)?.value
      return value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : -1
    }),
  }
}

/** One image in, one output out, every name known before it is used; else what there is to say against it. */
function finish(
  file: ParsedFile,
  draft: Draft,
  sink: TensorSink,
  functions: number,
): {made?: Graph; refusal?: AbdError} {
  const refuse = (why: string) => ({
    refusal: environmentError({
      code: 'E_FORMAT_UNSUPPORTED',
      message: `${file.path} is an ONNX graph that abd only scans: ${why}.`,
      hints: ['Export the classifier alone: one image in, its logits out, batch of any size.'],
    }),
  })
  const known = new Set(sink.tensors.map(({name}) => name))
  const inputs = draft.inputs.filter(({name}) => !known.has(name))
  const [input] = inputs
  const [output] = draft.outputs
  if (functions > 0) return refuse('it defines functions of its own')
  if (draft.subgraphs > 0) return refuse('it has branches or loops')
  if (!input || inputs.length !== 1) return refuse(`it has ${inputs.length} inputs, not one of images`)
  if (output === undefined || draft.nodes.length === 0) return refuse('it computes nothing')
  known.add(input.name).add('')
  for (const {op, inputs: names, outputs} of draft.nodes) {
    const missing = names.find((name) => !known.has(name))
    if (missing !== undefined)
      throw brokenOnnx(file.path, `a node ${op} uses '${missing.slice(0, 100)}', which nothing makes`)
    for (const made of outputs) known.add(made)
  }
  if (!known.has(output)) throw brokenOnnx(file.path, `nothing makes its output '${output}'`)
  const made: Graph = {
    dialect: 'onnx',
    nodes: draft.nodes,
    input: {name: input.name, shape: input.shape},
    output,
  }
  if (input.shape.length !== 4)
    return {made, ...refuse(`its input has ${input.shape.length} axes: it is not images`)}
  // Whole numbers are computed with otherwise: divided without a rest, for one.
  const computed = draft.nodes.find(({op, inputs: names}) => op !== 'Cast' && names.includes(input.name))
  if (!floats.has(input.type) && computed)
    return {
      made,
      ...refuse(
        `its images are whole numbers (the ONNX type ${input.type}) that ${computed.op} computes with`,
      ),
    }
  return {made}
}
