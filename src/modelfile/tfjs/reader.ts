import type {ModelReader} from '../reader.ts'

/** A TensorFlow.js model: model.json, which names the files (shards) of weights beside it; of layers, or of operators. */
export const tfjs: ModelReader = {
  name: 'tfjs',
  extensions: ['.json'],
  matches: (head) => {
    const text = Buffer.from(head).toString('latin1')
    return /^\s*\{/.test(text.slice(0, 1024)) && /"(modelTopology|weightsManifest)"/.test(text)
  },
  parse: async (file) => (await import('./parse-tfjs.ts')).parseTfjs(file),
}
