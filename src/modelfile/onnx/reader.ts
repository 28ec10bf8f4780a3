import type {ModelReader} from '../reader.ts'

/** ONNX: graphs of operators, with their weights. */
export const onnx: ModelReader = {
  name: 'onnx',
  extensions: ['.onnx'],
  // ir_version (field 1) of at most 31, then a field of ModelProto that is text or a message.
  matches: (head, extension) =>
    extension === '.onnx'
      ? head[0] !== 0x80 && head[0] !== 0x50
      : head[0] === 0x08 && head[1]! > 0 && head[1]! < 32 && (head[2] === 0x12 || head[2] === 0x3a),
  parse: async (file, options) => (await import('./parse-onnx.ts')).parseOnnx(file, options),
}
