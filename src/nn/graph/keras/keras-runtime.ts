import type {ModelFile} from '../../../modelfile/model-file.ts'

/** What runs a model of layers: some layers and activations are other functions in each. */
export type KerasRuntime = 'keras-2' | 'keras-3' | 'tfjs' | 'unknown'

export function kerasRuntime({runtime, keras_version: version}: ModelFile['metadata']): KerasRuntime {
  if (runtime === 'tfjs-layers') return 'tfjs'
  if (typeof version !== 'string') return 'unknown'
  return version.startsWith('3.') ? 'keras-3' : /^[12]\./.test(version) ? 'keras-2' : 'unknown'
}
