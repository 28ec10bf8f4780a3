import type {ModelFile} from '../../modelfile/model-file.ts'
import type {StateDict} from '../../modelfile/state-dict.ts'
import {inferArchitecture, type ArchitectureHints} from '../infer-architecture.ts'
import type {Architecture} from '../architecture.ts'
import type {Network} from '../model.ts'
import {networkFromStateDict} from '../network-from-state-dict.ts'
import {unsupported} from './errors.ts'
import {onnxArchitecture} from './onnx/onnx-architecture.ts'

type Weights = Pick<ModelFile, 'stateDict' | 'graph' | 'metadata'>

/** The architecture of a file: its own graph where it has one, else inferred from names and shapes. */
export function architectureOf(file: Weights, hints: ArchitectureHints = {}): Architecture {
  const {graph, stateDict, metadata} = file
  if (!graph) return inferArchitecture(stateDict, hints)
  switch (graph.dialect) {
    case 'onnx':
      return onnxArchitecture(graph, stateDict, Number(metadata['opset'] ?? 13), hints)
    default:
      throw unsupported(`graphs of ${graph.dialect} are not run`)
  }
}

/** A file's network on the engine. Throws what `inferArchitecture` and `networkFromStateDict` throw, and E_GRAPH. */
export function networkOf(file: Weights, hints: ArchitectureHints = {}): Network {
  const architecture = architectureOf(file, hints)
  return networkFromStateDict(architecture, file.graph ? used(file.stateDict, architecture) : file.stateDict)
}

/** Constants of a graph are no parameters. */
const used = (stateDict: StateDict, {parameters}: Architecture): StateDict =>
  new Map([...stateDict].filter(([name]) => parameters.has(name)))
