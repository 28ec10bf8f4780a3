import type {Tensor4D} from '@tensorflow/tfjs-core'
import type {Graph, GraphNode} from '../../modelfile/plan.ts'
import {unsupported} from './errors.ts'
import type {Value} from './value.ts'

/** What one pass through a graph leaves. */
export interface GraphPass {
  readonly output: Value
  /** What the node named as head was given. */
  readonly headInput: Value | undefined
  /** The last images of each size, in the engine's order, the largest first. */
  readonly activations: readonly Tensor4D[]
}

export interface GraphRun {
  readonly graph: Graph
  readonly input: Value
  constant(name: string): Value | undefined
  /** A node's outputs from its inputs. */
  compute(node: GraphNode, inputs: readonly (Value | undefined)[]): Value | readonly Value[]
  readonly head: GraphNode | undefined
  /** Whether the graph itself has its images in the engine's order. */
  readonly channelsLast?: boolean
}

/** Runs the nodes one after the other, as they come. What is needed no more is left to the tidy around it. */
export function runGraph({graph, input, constant, compute, head, channelsLast = false}: GraphRun): GraphPass {
  const values = new Map<string, Value>([[graph.input.name, input]])
  const valueOf = (name: string) => (name === '' ? undefined : (values.get(name) ?? constant(name)))
  const images: Tensor4D[] = []
  let headInput: Value | undefined
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(valueOf)
    if (node === head) headInput = inputs[0]
    const made = compute(node, inputs)
    const outputs = Array.isArray(made) ? (made as readonly Value[]) : [made as Value]
    for (const [i, name] of node.outputs.entries()) {
      const value = outputs[i]
      if (!value) continue
      values.set(name, value)
      if (value.kind === 'tensor' && (channelsLast || value.nhwc) && value.tensor.rank === 4)
        images.push(value.tensor as Tensor4D)
    }
  }
  const output = valueOf(graph.output)
  if (!output) throw unsupported(`nothing makes its output '${graph.output}'`)
  return {output, headInput, activations: lastOfEachSize(images)}
}

const MOST_ACTIVATIONS = 4

function lastOfEachSize(images: readonly Tensor4D[]): Tensor4D[] {
  const last = images.filter((image, i) => image.shape[1] > 1 && image.shape[1] !== images[i + 1]?.shape[1])
  return last.slice(-MOST_ACTIVATIONS)
}
