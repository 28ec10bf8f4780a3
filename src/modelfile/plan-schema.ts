import {z} from 'zod'
import {ScanFinding} from './scan-finding.ts'
import {dtypes} from './dtype.ts'

// What parsing a file answers: which bytes are which tensor, and no weights. It may come from another process that an
// attacker's file has taken over, so it is checked here by schema, and again against the file when it is loaded.

const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const index = offset
const name = z.string().max(4096)
const fileName = z.string().max(1024)

const PlannedStorage = z.strictObject({
  /** In messages: an entry's name, a storage's key. */
  name,
  /** Of the plan's `files`; -1 for the model file itself, -2 for bytes that came with the plan. */
  file: z.number().int().min(-2).max(100_000),
  start: offset,
  packedBytes: offset,
  bytes: offset,
  deflated: z.boolean(),
  crc32: z.number().int().min(0).max(0xffffffff).nullable(),
  bigEndian: z.boolean(),
  /** Where to say that the checksum is wrong. */
  foundAt: offset.nullable(),
})
export type PlannedStorage = z.infer<typeof PlannedStorage>

const PlannedTensor = z.strictObject({
  name,
  dtype: z.enum(dtypes),
  shape: z.array(offset).max(64),
  /** Items from one to the next along each axis; null where they lie in order, row-major. */
  stride: z.array(offset).max(64).nullable(),
  storage: index,
  /** Items before the first, in the storage. */
  offset,
  /** What the stored integers stand for: scale · value + minimum, in float32 (TensorFlow.js). */
  quantised: z.strictObject({scale: z.number(), minimum: z.number()}).optional(),
})
export type PlannedTensor = z.infer<typeof PlannedTensor>

const MetadataValue = z.union([z.string(), z.number(), z.boolean(), z.null()])

const Attribute = z.union([
  z.number(),
  z.string().max(100_000),
  z.boolean(),
  z.array(z.union([z.number(), z.string().max(100_000)])).max(1_000_000),
])
export type Attribute = z.infer<typeof Attribute>

export const GraphNode = z.strictObject({
  /** The operator: 'Conv', 'Relu'. */
  op: z.string().max(200),
  name,
  inputs: z.array(name).max(10_000),
  outputs: z.array(name).max(1000),
  attributes: z.record(z.string(), Attribute),
})
export type GraphNode = z.infer<typeof GraphNode>

/** A network's graph as a file has it, in an order in which it can be run. */
export const Graph = z.strictObject({
  /** Whose operators these are. */
  dialect: z.enum(['onnx', 'keras', 'tensorflow']),
  nodes: z.array(GraphNode).max(100_000),
  /** The image's name, and its shape as the file has it; -1 where that is open. */
  input: z.strictObject({name, shape: z.array(z.number().int().min(-1)).max(8)}),
  output: name,
})
export type Graph = z.infer<typeof Graph>

export const Plan = z.strictObject({
  /** Other files that hold weights, by their names beside the model file; those of a list are read as one, in its order. */
  files: z.array(z.union([fileName, z.array(fileName).max(10_000)])).max(10_000),
  storages: z.array(PlannedStorage).max(1_000_000),
  tensors: z.array(PlannedTensor).max(1_000_000),
  scan: z.array(ScanFinding).max(10_000),
  metadata: z.record(z.string(), MetadataValue),
  graph: Graph.optional(),
  /** How many bytes come with the plan (storages of file -2). */
  payloadBytes: offset,
})
export type Plan = z.infer<typeof Plan>
