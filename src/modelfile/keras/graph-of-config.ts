import {environmentError, type AbdError} from '../../errors.ts'
import type {Graph, GraphNode} from '../plan.ts'
import {activationLayer, attributesOf} from './keras-attributes.ts'
import {inputsOf} from './keras-inputs.ts'

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
  const names = new Set<string>()
  let last = ''
  for (const layer of layers) {
    const given = layer.config['name'] ?? layer.name
    const name = typeof given === 'string' ? given : `layer_${nodes.length}`
    const {names: inputs, refusal} = sequential
      ? {names: last === '' ? [] : [last]}
      : inputsOf(layer.inbound_nodes)
    if (!inputs) return refuse(`the layer '${name}' ${refusal}`)
    const activation = activationLayer(layer.config)
    const attributes = attributesOf(layer.config)
    if (activation) {
      const before = `${name}/linear`
      nodes.push(
        {
          op: layer.class_name,
          name,
          inputs,
          outputs: [before],
          attributes: {...attributes, activation: 'linear'},
        },
        {...activation, name: `${name}/activation`, inputs: [before], outputs: [name]},
      )
    } else nodes.push({op: layer.class_name, name, inputs, outputs: [name], attributes})
    if (names.has(name)) return refuse(`two of its layers are called '${name}'`)
    names.add(name)
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
    for (const made of node.outputs) known.add(made)
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

/** [['dense', 0, 0]], or with one output ['dense', 0, 0]. */
function outputOf(outputs: unknown): string | undefined {
  if (!Array.isArray(outputs)) return undefined
  if (typeof outputs[0] === 'string') return outputs[0]
  const [first] = outputs as unknown[]
  return outputs.length === 1 && Array.isArray(first) && typeof first[0] === 'string' ? first[0] : undefined
}
