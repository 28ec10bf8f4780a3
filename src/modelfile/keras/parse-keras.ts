import {environmentError} from '../../errors.ts'
import {isDangerous} from '../model-file.ts'
import {noWeightsPlan} from '../plan.ts'
import type {Parsed, ParsedFile, ReadOptions} from '../reader.ts'
import {graphOfConfig} from './graph-of-config.ts'
import {inspectConfig} from './inspect-config.ts'
import {nameWeights} from './name-weights.ts'
import {readHdf5} from './read-hdf5.ts'

/** Keras 2's file, whole: the HDF5 library wants all of it. */
export async function parseKerasH5(file: ParsedFile, options: ReadOptions): Promise<Parsed> {
  checkBytes(file.path, file.bytes, options.limits)
  return parseKeras(file.path, await file.read(0, file.bytes), options)
}

/** Throws E_LIMIT where HDF5 is too long to be read whole. `what`: a file, or an entry of one. */
export function checkBytes(what: string, bytes: number, {structureBytes}: ReadOptions['limits']): void {
  if (bytes > structureBytes)
    throw environmentError({
      code: 'E_LIMIT',
      message: `${what} has ${bytes} bytes; HDF5 files are read up to ${structureBytes}.`,
      hints: ['Leave the optimiser out when saving, or convert the model to ONNX.'],
    })
}

/** `given`: the configuration and Keras's version where they lie elsewhere (Keras 3). */
export async function parseKeras(
  path: string,
  bytes: Uint8Array,
  {limits}: ReadOptions,
  given?: {readonly config: unknown; readonly version: string | undefined},
): Promise<Parsed> {
  const {
    config: own,
    training,
    version: ownVersion,
    tensors,
    storages,
    payload,
    payloadBytes,
  } = await readHdf5(path, bytes, limits)
  const version = given?.version ?? ownVersion
  const config = given?.config ?? own
  const scan = inspectConfig(config, training)
  if (isDangerous(scan)) return {plan: noWeightsPlan(scan)}
  const found = config === undefined ? undefined : graphOfConfig(path, config)
  const graph = found && 'graph' in found ? found.graph : undefined
  const refusal =
    found && 'refusal' in found
      ? found.refusal
      : graph
        ? undefined
        : environmentError({
            code: 'E_FORMAT_UNSUPPORTED',
            message: `${path} is an HDF5 file without a Keras model in it, which abd only scans.`,
            hints: ['Save the whole model, not its weights alone: model.save(path).'],
          })
  return {
    plan: {
      ...noWeightsPlan(scan),
      tensors: graph ? nameWeights(graph, tensors) : tensors,
      storages,
      payloadBytes,
      metadata: version === undefined ? {} : {keras_version: version},
      ...(graph && {graph}),
    },
    payload,
    ...(refusal && {refusal}),
  }
}
