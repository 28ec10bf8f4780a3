import {z} from 'zod'
import type {AbdError} from '../../errors.ts'
import type {Attribute, Graph, GraphNode} from '../plan.ts'
import type {ParsedFile} from '../reader.ts'
import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'
import {hostOperators} from '../tensorflow-operators.ts'
import {brokenTfjs, isRecord, refuseTfjs, type ModelJson} from './model-json.ts'

/** A classifier has hundreds. */
const MAX_NODES = 20_000

const Node = z.looseObject({
  name: z.string().min(1).max(2000),
  op: z.string().max(200),
  input: z.array(z.string().max(2000)).max(10_000).optional(),
  attr: z.record(z.string(), z.unknown()).optional(),
})
type Node = z.infer<typeof Node>
const Nodes = z.array(Node).max(MAX_NODES)

/** Operators that no classifier needs, wherever they are named. */
export function inspectNodes(...graphs: readonly unknown[]): ScanFinding[] {
  const named = graphs.flatMap((graph) => (isRecord(graph) ? [graph['node'], functionNodes(graph)] : []))
  const operators = new Set(
    named.flat(2).flatMap((node) => (isRecord(node) && typeof node['op'] === 'string' ? [node['op']] : [])),
  )
  return hostOperators
    .filter((name) => operators.has(name))
    .map((name) => finding('fileOperator', `operator ${name}`, null))
}

const functionsOf = (graph: Record<string, unknown>): unknown[] => {
  const library = graph['library']
  const functions = isRecord(library) ? library['function'] : undefined
  return Array.isArray(functions) ? (functions as unknown[]) : []
}

const functionNodes = (graph: Record<string, unknown>): unknown[] =>
  functionsOf(graph).flatMap((one) => (isRecord(one) ? one['nodeDef'] : []))

/**
 * TensorFlow's nodes (https://www.tensorflow.org/api_docs/python/tf/compat/v1/GraphDef) as a graph in an order in which
 * it can be run. Constants are weights of the manifest. Throws E_TFJS; refuses what is no classifier of images.
 */
export function graphOfNodes(
  file: ParsedFile,
  model: ModelJson,
  topology: unknown,
): {readonly graph: Graph} | {readonly refusal: AbdError} {
  const refuse = (why: string) => ({refusal: refuseTfjs(file, why)})
  const parsed = Nodes.safeParse(isRecord(topology) ? topology['node'] : undefined)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw brokenTfjs(file, `node.${issue!.path.join('.')}: ${issue!.message}`)
  }
  if (isRecord(topology) && functionsOf(topology).length > 0) return refuse('it defines functions of its own')
  const nodes = new Map(parsed.data.map((node) => [node.name, node]))
  if (nodes.size !== parsed.data.length) throw brokenTfjs(file, 'two of its nodes have the same name')
  const images = parsed.data.filter((node) => node.op === 'Placeholder')
  const [image] = images
  if (!image || images.length !== 1) return refuse(`it has ${images.length} inputs, not one of images`)
  const shape = shapeOf(image)
  if (shape?.length !== 4) return refuse(`its input has ${shape?.length ?? 'unknown'} axes: it is not images`)
  const type = typeOf(image)
  const computed = parsed.data.find((node) => node.op !== 'Cast' && inputsOf(node).includes(image.name))
  if (!floats.has(type) && computed)
    return refuse(`its images are whole numbers (${type}) that ${computed.op} computes with`)
  const outputs = outputsOf(model, parsed.data)
  const [output] = outputs
  if (outputs.length !== 1 || output === undefined) return refuse(`it has ${outputs.length} outputs, not one`)
  return {
    graph: {
      dialect: 'tensorflow',
      nodes: inOrder(file, nodes, output),
      input: {name: image.name, shape},
      output,
    },
  }
}

/** 'name:0' is 'name'; '^name' only says what is to be done before. */
const inputsOf = ({input = []}: Node): string[] =>
  input.filter((name) => !name.startsWith('^')).map((name) => name.replace(/:0$/, ''))

const nodeOf = (name: string) => name.replace(/:\d+$/, '')

/** What the output needs, what is needed first coming first. Constants are left to the weights. */
function inOrder(file: ParsedFile, nodes: ReadonlyMap<string, Node>, output: string): GraphNode[] {
  const done = new Map<string, GraphNode | undefined>()
  const under = new Set<string>()
  const stack = [nodeOf(output)]
  while (stack.length > 0) {
    const name = stack.at(-1)!
    const node = nodes.get(name)
    under.add(name)
    if (!node) throw brokenTfjs(file, `there is no node '${name.slice(0, 200)}', which another one uses`)
    const waiting = done.has(name)
      ? []
      : inputsOf(node)
          .map(nodeOf)
          .filter((input) => !done.has(input))
    const circle = waiting.find((input) => under.has(input))
    if (circle !== undefined) throw brokenTfjs(file, `the node '${circle.slice(0, 200)}' needs itself`)
    if (waiting.length > 0) {
      stack.push(...waiting)
      continue
    }
    stack.pop()
    under.delete(name)
    if (!done.has(name)) done.set(name, isGiven(node) ? undefined : graphNode(node))
  }
  return [...done.values()].filter((node) => node !== undefined)
}

const isGiven = ({op}: Node) => op === 'Const' || op === 'Placeholder'

const MOST_OUTPUTS = 64

const graphNode = (node: Node): GraphNode => ({
  op: node.op,
  name: node.name,
  inputs: inputsOf(node),
  // Only these have several.
  outputs: ['Split', 'SplitV', 'Unpack'].includes(node.op)
    ? Array.from({length: MOST_OUTPUTS}, (_, i) => (i === 0 ? node.name : `${node.name}:${i}`))
    : [node.name],
  attributes: attributesOf(node),
})

/** The signature's, else the nodes that no other one uses. */
function outputsOf({signature}: ModelJson, nodes: readonly Node[]): string[] {
  const said =
    isRecord(signature) && isRecord(signature['outputs']) ? Object.values(signature['outputs']) : []
  const names = said.flatMap((one) =>
    isRecord(one) && typeof one['name'] === 'string' ? [one['name'].replace(/:0$/, '')] : [],
  )
  if (names.length > 0) return names
  const used = new Set(nodes.flatMap((node) => inputsOf(node).map(nodeOf)))
  return nodes.filter((node) => !used.has(node.name) && node.op !== 'NoOp').map(({name}) => name)
}

const floats = new Set(['DT_FLOAT', 'DT_HALF', 'DT_DOUBLE', 'DT_BFLOAT16', '1', '19', '2', '14'])
const typeOf = ({attr}: Node): string => {
  const value = attr?.['dtype']
  return isRecord(value) ? String(value['type']).slice(0, 100) : 'DT_FLOAT'
}

function shapeOf({attr}: Node): number[] | undefined {
  const value = attr?.['shape']
  const shape = isRecord(value) ? value['shape'] : undefined
  const dims = isRecord(shape) ? shape['dim'] : undefined
  if (!Array.isArray(dims)) return undefined
  return dims.slice(0, 8).map((dim) => {
    const size = Number(isRecord(dim) ? dim['size'] : -1)
    return Number.isSafeInteger(size) && size > 0 ? size : -1
  })
}

function attributesOf({attr = {}}: Node): Record<string, Attribute> {
  const out: Record<string, Attribute> = {}
  for (const [name, value] of Object.entries(attr)) {
    out[name] = isRecord(value) ? attributeOf(value) : 'of no kind'
  }
  return out
}

/** An AttrValue: text comes in base64, whole numbers as text. Kinds that are not read are kept by their names. */
function attributeOf(value: Record<string, unknown>): Attribute {
  const {s, i, f, b, type, list} = value
  if (typeof s === 'string') return textOf(s)
  if (typeof i === 'number' || typeof i === 'string') return Number(i)
  if (typeof f === 'number') return f
  if (typeof b === 'boolean') return b
  if (typeof type === 'string' || typeof type === 'number') return String(type).slice(0, 100)
  if (!isRecord(list)) return `of the kind ${Object.keys(value).join(', ').slice(0, 100)}`
  const {s: texts, i: whole, f: floats} = list
  if (Array.isArray(texts)) return texts.slice(0, 1000).map((text) => textOf(String(text)))
  const numbers = Array.isArray(whole) ? whole : Array.isArray(floats) ? floats : undefined
  if (numbers) return numbers.slice(0, 1000).map(Number)
  return Object.keys(list).length === 0
    ? []
    : `a list of the kind ${Object.keys(list).join(', ').slice(0, 100)}`
}

const textOf = (base64: string) => Buffer.from(base64.slice(0, 10_000), 'base64').toString('utf8')
