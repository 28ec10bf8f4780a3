import type {Attribute, GraphNode} from '../plan.ts'
import {brokenOnnx, fieldsIn, floats, text, varints} from './wire.ts'

export interface ReadNode {
  readonly node: GraphNode
  readonly domain: string
  /** Where the tensor of a `value` attribute lies, from the first byte of the node. */
  readonly tensors: readonly {readonly attribute: string; readonly start: number; readonly end: number}[]
  readonly hasSubgraph: boolean
}

/** A NodeProto. */
export function readNode(path: string, bytes: Uint8Array): ReadNode {
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: Record<string, Attribute> = {}
  const tensors: ReadNode['tensors'][number][] = []
  let [op, name, domain] = ['', '', '']
  let hasSubgraph = false
  for (const {number, wire, start, end} of fieldsIn(path, bytes)) {
    if (wire !== 2) continue
    const part = bytes.subarray(start, end)
    if (number === 1) inputs.push(text(part))
    else if (number === 2) outputs.push(text(part))
    else if (number === 3) name = text(part).slice(0, 4000)
    else if (number === 4) op = text(part)
    else if (number === 7) domain = text(part)
    else if (number === 5) {
      const attribute = readAttribute(path, part)
      hasSubgraph ||= attribute.hasSubgraph
      if (
        Object.hasOwn(attributes, attribute.name) ||
        tensors.some((one) => one.attribute === attribute.name)
      )
        throw brokenOnnx(path, `a node ${op} has the attribute '${attribute.name}' twice`)
      if (attribute.value !== undefined) attributes[attribute.name] = attribute.value
      if (attribute.tensor)
        tensors.push({
          attribute: attribute.name,
          start: start + attribute.tensor.start,
          end: start + attribute.tensor.end,
        })
    }
  }
  if (op === '') throw brokenOnnx(path, 'a node has no operator')
  return {node: {op, name, inputs, outputs, attributes}, domain, tensors, hasSubgraph}
}

/** AttributeProto.AttributeType, of those that are read, with what stands for nothing: protobuf may leave zeros out. */
const types: Readonly<Record<number, {readonly field: number; readonly zero: Attribute}>> = {
  1: {field: 2, zero: 0},
  2: {field: 3, zero: 0},
  3: {field: 4, zero: ''},
  6: {field: 7, zero: []},
  7: {field: 8, zero: []},
  8: {field: 9, zero: []},
}
const TENSOR = 4

/** What there is no reading for (sparse tensors, types) is kept by the number of its type, so that nobody passes it over. */
function readAttribute(path: string, bytes: Uint8Array) {
  let name = ''
  let type = 0
  let tensor: {start: number; end: number} | undefined
  let hasSubgraph = false
  const values = new Map<number, Attribute>()
  const add = (field: number, more: readonly (number | string)[]) => {
    const list = values.get(field)
    values.set(field, [...(Array.isArray(list) ? list : []), ...more])
  }
  for (const field of fieldsIn(path, bytes)) {
    const {number, wire, start, end} = field
    const part = bytes.subarray(start, end)
    if (number === 1) name = text(part)
    else if (number === 2 && wire === 5) values.set(2, floats(part)[0]!)
    else if (number === 3 && wire === 0) values.set(3, field.value)
    else if (number === 4 && wire === 2) values.set(4, text(part))
    else if (number === 5) tensor = {start, end}
    else if (number === 6 || number === 11) hasSubgraph = true
    else if (number === 7) add(7, floats(part))
    else if (number === 8) add(8, wire === 0 ? [field.value] : varints(path, part))
    else if (number === 9) add(9, [text(part)])
    else if (number === 20 && wire === 0) type = field.value
  }
  const said = types[type]
  const value = said
    ? (values.get(said.field) ?? said.zero)
    : type === 0 && values.size === 1
      ? [...values.values()][0]
      : undefined
  const isTensor = tensor !== undefined && (type === TENSOR || (type === 0 && values.size === 0))
  return {
    name,
    value: value ?? (isTensor || hasSubgraph ? undefined : `of the type ${type}`),
    tensor: isTensor ? tensor : undefined,
    hasSubgraph,
  }
}
