import type {ModelFile} from '../../modelfile/model-file.ts'
import type {StateDict} from '../../modelfile/state-dict.ts'
import {inferArchitecture, type ArchitectureHints} from '../infer-architecture.ts'
import type {Architecture} from '../architecture.ts'
import type {Network} from '../model.ts'
import {networkFromStateDict} from '../network-from-state-dict.ts'
import {kerasRuntime} from './keras/keras-runtime.ts'
import {kerasArchitecture} from './keras/keras-architecture.ts'
import {onnxArchitecture} from './onnx/onnx-architecture.ts'
import {tensorflowArchitecture} from './tensorflow/tensorflow-architecture.ts'

type Weights = Pick<ModelFile, 'stateDict' | 'graph' | 'metadata'>

/** The architecture of a file: its own graph where it has one, else inferred from names and shapes. */
export const architectureOf = (file: Weights, hints: ArchitectureHints = {}): Architecture =>
  found(file, hints).architecture

/** A file's network on the engine. Throws what `inferArchitecture` and `networkFromStateDict` throw, and E_GRAPH. */
export function networkOf(file: Weights, hints: ArchitectureHints = {}): Network {
  const {architecture, stateDict} = found(file, hints)
  return networkFromStateDict(architecture, stateDict)
}

function found({graph, stateDict, metadata}: Weights, hints: ArchitectureHints) {
  switch (graph?.dialect) {
    case undefined:
      return {architecture: inferArchitecture(stateDict, hints), stateDict}
    case 'onnx': {
      const architecture = onnxArchitecture(graph, stateDict, Number(metadata['opset'] ?? 13), hints)
      return {architecture, stateDict: used(stateDict, architecture)}
    }
    case 'keras':
      return kerasArchitecture(graph, stateDict, hints, kerasRuntime(metadata))
    case 'tensorflow':
      return tensorflowArchitecture(graph, stateDict, hints)
  }
}

/** Constants of a graph are no parameters. */
const used = (stateDict: StateDict, {parameters}: Architecture): StateDict =>
  new Map([...stateDict].filter(([name]) => parameters.has(name)))
