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

function readAttribute(path: string, bytes: Uint8Array) {
  let name = ''
  let value: Attribute | undefined
  let tensor: {start: number; end: number} | undefined
  let hasSubgraph = false
  const list: (number | string)[] = []
  let isList = false
  for (const field of fieldsIn(path, bytes)) {
    const {number, wire, start, end} = field
    const part = bytes.subarray(start, end)
    if (number === 1) name = text(part)
    else if (number === 2 && wire === 5) value = floats(part)[0]!
    else if (number === 3 && wire === 0) value = field.value
    else if (number === 4 && wire === 2) value = text(part)
    else if (number === 5) tensor = {start, end}
    else if (number === 6 || number === 11) hasSubgraph = true
    else if (number === 7) {
      isList = true
      list.push(...floats(part))
    } else if (number === 8) {
      isList = true
      if (wire === 0) list.push(field.value)
      else list.push(...varints(path, part))
    } else if (number === 9) {
      isList = true
      list.push(text(part))
    } else if (number === 20 && wire === 0 && (field.value === 6 || field.value === 7)) isList = true
  }
  return {name, value: isList ? list : value, tensor, hasSubgraph}
}
