import {createRequire} from 'node:module'
import type {Binding} from '../tensorflow-backend.ts'
import type {Created, Event, External, Operation, Trace} from './trace.ts'
import type {AttrValue, Messages, NodeDef} from './messages.ts'
import {stretchesOf} from './stretches.ts'

const require = createRequire(import.meta.url)

/**
 * A trace as a SavedModel, serialised: an operation is a node, what came from outside or was made of numbers a
 * placeholder, fixed numbers are constants. Throws where an attribute is of a type that has no place here.
 */
export function graphOf(
  trace: Trace,
  constants: Binding,
): {readonly bytes: Uint8Array; readonly names: readonly string[]} {
  const {messages} = require('#vendor/tfjs-node/backend.cjs') as {messages: Messages}
  const names: string[] = []
  const types: number[] = []
  const graph = new messages.GraphDef()
  const nodes = trace.events.map((event, place) => {
    const name = `${event.kind[0]}${place}`
    const node = nodeOf(event, {name, names, types, messages, constants})
    const made = event.kind === 'operation' ? event.outputs : [event]
    made.forEach(({dtype}, i) => {
      names.push(`${name}:${i}`)
      types.push(dtype)
    })
    return node
  })
  for (const node of [...nodes, ...barriers(trace, nodes, messages)]) graph.addNode(node)
  const versions = new messages.VersionDef()
  versions.setProducer(GRAPH_VERSION)
  graph.setVersions(versions)

  const info = new messages.MetaGraphDef.MetaInfoDef()
  info.addTags(TAG)
  const metaGraph = new messages.MetaGraphDef()
  metaGraph.setMetaInfoDef(info)
  metaGraph.setGraphDef(graph)
  const savedModel = new messages.SavedModel()
  savedModel.setSavedModelSchemaVersion(1)
  savedModel.addMetaGraphs(metaGraph)
  return {bytes: savedModel.serializeBinary(), names}
}

export const TAG = 'abd'

/** Bytes of results that may be computed in any order. */
const STRETCH = 2e9

/** Between two stretches one: it waits for the first, and the second for it. */
function barriers(trace: Trace, nodes: readonly NodeDef[], messages: Messages): NodeDef[] {
  const stretches = stretchesOf(trace, STRETCH)
  return stretches.slice(0, -1).map(({ends}, i) => {
    const barrier = new messages.NodeDef()
    const name = `barrier${i}`
    barrier.setName(name)
    barrier.setOp('NoOp')
    for (const place of ends) barrier.addInput(`^${nodes[place]!.getName()}`)
    for (const place of stretches[i + 1]!.starts) nodes[place]!.addInput(`^${name}`)
    return barrier
  })
}

/** TF_GRAPH_DEF_VERSION that what we write follows: older ones are read with their older meaning. */
const GRAPH_VERSION = 1395

/**
 * Attributes that the eager runtime sees from an input, and which one has the type: tfjs says nothing of it, or another one, as of a
 * mean of whole numbers, which it takes of their floats.
 */
const seenFromInputs: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ExpandDims: {T: 0, Tdim: 1},
  Mean: {T: 0},
}

interface Site {
  readonly name: string
  readonly names: readonly string[]
  /** Of the tensors so far, numbers of TF_DataType. */
  readonly types: readonly number[]
  readonly messages: Messages
  readonly constants: Binding
}

function nodeOf(event: Event, site: Site): NodeDef {
  const node = new site.messages.NodeDef()
  node.setName(site.name)
  const set = (name: string, write: (value: AttrValue) => void) => {
    const value = new site.messages.AttrValue()
    write(value)
    node.getAttrMap().set(name, value)
  }
  if (event.kind === 'operation') {
    node.setOp(event.name)
    for (const slot of event.inputs) node.addInput(site.names[slot]!)
    for (const {name, type, value} of event.attributes)
      set(name, (attribute) => setAttribute(attribute, type, value, {...site, operation: event}))
    for (const [name, input] of Object.entries(seenFromInputs[event.name] ?? {}))
      set(name, (attribute) => attribute.setType(site.types[event.inputs[input]!]!))
    return node
  }
  const isFixed = event.kind === 'created' && event.fixed
  node.setOp(isFixed ? 'Const' : 'Placeholder')
  set('dtype', (value) => value.setType(event.dtype))
  if (isFixed) set('value', (value) => value.setTensor(constantOf(event, site.messages)))
  else set('shape', (value) => value.setShape(shapeOf(event, site.messages)))
  return node
}

function shapeOf({shape}: External | Created, messages: Messages) {
  const message = new messages.TensorShape()
  for (const size of shape) {
    const dimension = new messages.TensorShape.Dim()
    dimension.setSize(size)
    message.addDim(dimension)
  }
  return message
}

function constantOf(event: Created, messages: Messages) {
  const tensor = new messages.Tensor()
  tensor.setDtype(event.dtype)
  tensor.setTensorShape(shapeOf(event, messages))
  // Whole numbers of 64 bits come as halves, the lower one first.
  const values = Int32Array.from(event.fixed ?? [])
  tensor.setTensorContent(new Uint8Array(values.buffer))
  return tensor
}

function setAttribute(
  attribute: AttrValue,
  type: number,
  value: unknown,
  {messages, constants, operation}: Site & {readonly operation: Operation},
): void {
  const list = (fill: (item: number, to: InstanceType<Messages['AttrValue']['ListValue']>) => void) => {
    const message = new messages.AttrValue.ListValue()
    for (const item of value as readonly number[]) fill(item, message)
    attribute.setList(message)
  }
  const isList = Array.isArray(value)
  if (type === constants.TF_ATTR_TYPE)
    return isList ? list((item, to) => to.addType(item)) : attribute.setType(value as number)
  if (type === constants.TF_ATTR_INT)
    return isList ? list((item, to) => to.addI(item)) : attribute.setI(value as number)
  if (type === constants.TF_ATTR_FLOAT && !isList) return attribute.setF(value as number)
  if (type === constants.TF_ATTR_BOOL && !isList) return attribute.setB(Boolean(value))
  if (type === constants.TF_ATTR_STRING && !isList)
    return attribute.setS(new TextEncoder().encode(value as string))
  throw new Error(`an attribute of ${operation.name} is of a type that cannot be written`)
}
