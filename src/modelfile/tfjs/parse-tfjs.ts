import {elements, itemBytes, type Dtype} from '../dtype.ts'
import {graphOfConfig} from '../keras/graph-of-config.ts'
import {inspectConfig} from '../keras/inspect-config.ts'
import {nameWeights} from '../keras/name-weights.ts'
import {isDangerous} from '../model-file.ts'
import {noWeightsPlan, plainStorage, type PlannedStorage, type PlannedTensor} from '../plan.ts'
import type {Parsed, ParsedFile} from '../reader.ts'
import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'
import {graphOfNodes, inspectNodes} from './graph-of-nodes.ts'
import {isRecord, readModelJson, refuseTfjs, type ModelJson} from './model-json.ts'

/** What model.json describes; the shards are not opened here. */
export async function parseTfjs(file: ParsedFile): Promise<Parsed> {
  const {model, scan} = await readModelJson(file)
  const topology = topologyOf(model)
  const operators = isRecord(topology) && Array.isArray(topology['node'])
  scan.push(...unsafePaths(model), ...inspectConfig(topology, undefined))
  if (operators) scan.push(...inspectNodes(topology, model['modelInitializer']))
  if (isDangerous(scan)) return {plan: noWeightsPlan(scan)}
  const found = operators ? graphOfNodes(file, model, topology) : graphOfConfig(file.path, topology)
  if ('refusal' in found) return {plan: noWeightsPlan(scan), refusal: found.refusal}
  const {tensors, storages} = weights(file, model)
  return {
    plan: {
      ...noWeightsPlan(scan),
      files: model.weightsManifest.map(({paths}) => paths),
      tensors: operators ? tensors : nameWeights(found.graph, tensors),
      storages,
      graph: found.graph,
      // It runs these layers, otherwise than Keras does.
      ...(!operators && {metadata: {runtime: 'tfjs-layers'}}),
    },
  }
}

const MOST_FINDINGS = 100

/** Plain names in the folder of the model; all else would make a loader read, or fetch, what the file chooses. */
function unsafePaths(model: ModelJson): ScanFinding[] {
  return model.weightsManifest
    .flatMap(({paths}) => paths)
    .filter((name) => !/^\w[\w.+ -]*$/.test(name) || name.includes('..'))
    .slice(0, MOST_FINDINGS)
    .map((name) => finding('externalData', `weights lie in '${name.slice(0, 200)}'`, null))
}

const topologyOf = ({modelTopology}: ModelJson): unknown =>
  (isRecord(modelTopology) ? modelTopology['model_config'] : undefined) ?? modelTopology

const stored: Readonly<Record<string, Dtype>> = {
  float32: 'float32',
  float16: 'float16',
  int32: 'int32',
  bool: 'bool',
  uint8: 'uint8',
  uint16: 'uint16',
}

/** A group's weights lie one after the other through its shards, as if these were one file. */
function weights(file: ParsedFile, model: ModelJson) {
  const tensors: PlannedTensor[] = []
  const storages: PlannedStorage[] = []
  for (const [index, group] of model.weightsManifest.entries()) {
    let position = 0
    for (const {name, shape, dtype, quantization} of group.weights) {
      const kept = stored[quantization?.dtype ?? dtype]
      if (!kept) throw refuseTfjs(file, `the weight '${name}' has the type ${quantization?.dtype ?? dtype}`)
      const bytes = elements(shape) * itemBytes(kept)
      const {scale, min} = quantization ?? {}
      tensors.push({
        name,
        dtype: kept,
        shape,
        stride: null,
        storage: storages.length,
        offset: 0,
        ...(scale !== undefined && {quantised: {scale, minimum: min ?? 0}}),
      })
      storages.push({...plainStorage({start: position, end: position + bytes}, name), file: index})
      position += bytes
    }
  }
  return {tensors, storages}
}
