import {environmentError, type AbdError} from '../../errors.ts'
import type {Attribute, Graph, GraphNode} from '../plan.ts'

interface Layer {
  readonly class_name: string
  readonly config: Record<string, unknown>
  readonly name?: string
  readonly inbound_nodes?: unknown
}

type Found = {readonly graph: Graph} | {readonly refusal: AbdError}

/** A model's layers as a graph: a node each, under the layer's name; Sequential and Functional models. */
export function graphOfConfig(path: string, config: unknown): Found {
  const refuse = (why: string): Found => ({
    refusal: environmentError({
      code: 'E_FORMAT_UNSUPPORTED',
      message: `${path} is a Keras model that abd only scans: ${why}.`,
      hints: [
        'Export the classifier as ONNX (python -m tf2onnx.convert), or save a Sequential or Functional model of plain layers.',
      ],
    }),
  })
  if (!isRecord(config) || !isRecord(config['config']))
    return refuse('its configuration is not that of a model')
  const inner = config['config']
  const layers = Array.isArray(inner) ? inner : inner['layers']
  if (!Array.isArray(layers) || layers.length === 0 || layers.length > 10_000 || !layers.every(isLayer))
    return refuse('it has no layers')
  if (layers.some(({config: own}) => Array.isArray(own['layers'])))
    return refuse('it has models within the model')
  const sequential = config['class_name'] === 'Sequential'
  const nodes: GraphNode[] = []
  let last = ''
  for (const layer of layers) {
    const given = layer.config['name'] ?? layer.name
    const name = typeof given === 'string' ? given : `layer_${nodes.length}`
    const inputs = sequential ? (last === '' ? [] : [last]) : inputsOf(layer.inbound_nodes)
    if (!inputs) return refuse(`the layer '${name}' is used more than once`)
    nodes.push({op: layer.class_name, name, inputs, outputs: [name], attributes: attributesOf(layer.config)})
    last = name
  }
  const [first] = nodes
  const image = shapeOf(layers[0]!.config)
  if (first!.op !== 'InputLayer') {
    nodes.unshift({op: 'InputLayer', name: 'input', inputs: [], outputs: ['input'], attributes: {}})
    nodes[1] = {...nodes[1]!, inputs: ['input']}
  }
  const inputs = nodes.filter(({op}) => op === 'InputLayer')
  if (inputs.length !== 1) return refuse(`it has ${inputs.length} inputs`)
  const known = new Set<string>()
  for (const node of nodes) {
    if (
      node.op !== 'InputLayer' &&
      (node.inputs.length === 0 || node.inputs.some((name) => !known.has(name)))
    )
      return refuse(`the layer '${node.name}' comes before its inputs`)
    known.add(node.name)
  }
  const output = sequential ? last : outputOf(inner['output_layers'])
  if (output === undefined || !known.has(output)) return refuse('it has several outputs')
  return {
    graph: {dialect: 'keras', nodes, input: {name: inputs[0]!.name, shape: image}, output},
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isLayer = (value: unknown): value is Layer =>
  isRecord(value) && typeof value['class_name'] === 'string' && isRecord(value['config'])

function shapeOf(config: Record<string, unknown>): number[] {
  const shape = config['batch_input_shape'] ?? config['batch_shape'] ?? config['batchInputShape']
  if (!Array.isArray(shape)) return []
  return shape
    .slice(0, 8)
    .map((size) => (typeof size === 'number' && Number.isInteger(size) && size > 0 ? size : -1))
}

/** Keras 2: [[[name, node, tensor, {}], …]]. Keras 3: [{args: [tensor or list of tensors], kwargs}]. */
function inputsOf(inbound: unknown): string[] | undefined {
  if (!Array.isArray(inbound) || inbound.length === 0) return []
  if (inbound.length > 1) return undefined
  const [only] = inbound as unknown[]
  if (Array.isArray(only)) return only.map((part) => String((part as unknown[])[0]))
  const names: string[] = []
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) collect(item)
    else if (isRecord(value) && value['class_name'] === '__keras_tensor__') {
      const config = value['config'] as {keras_history?: unknown[]} | undefined
      names.push(String(config?.keras_history?.[0]))
    }
  }
  if (isRecord(only)) collect(only['args'])
  return names
}

/** [['dense', 0, 0]], or with one output ['dense', 0, 0]. */
function outputOf(outputs: unknown): string | undefined {
  if (!Array.isArray(outputs)) return undefined
  if (typeof outputs[0] === 'string') return outputs[0]
  const [first] = outputs as unknown[]
  return outputs.length === 1 && Array.isArray(first) && typeof first[0] === 'string' ? first[0] : undefined
}

function attributesOf(config: Record<string, unknown>): Record<string, Attribute> {
  const out: Record<string, Attribute> = {}
  for (const [name, value] of Object.entries(config).slice(0, 200)) {
    if (typeof value === 'number' || typeof value === 'boolean') out[name] = value
    else if (typeof value === 'string' && value.length < 1000) out[name] = value
    else if (Array.isArray(value) && value.length < 1000) {
      const flat = (value as unknown[]).flat(2)
      if (flat.every((item) => typeof item === 'number')) out[name] = flat
    } else if (isRecord(value) && typeof value['class_name'] === 'string' && name === 'activation')
      out[name] = value['class_name'].toLowerCase()
  }
  return out
}
