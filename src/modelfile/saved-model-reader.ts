import {environmentError} from '../errors.ts'
import {noWeightsPlan} from './plan.ts'
import type {ModelReader} from './reader.ts'
import {finding} from './scan-rules.ts'
import {hostOperators} from './tensorflow-operators.ts'

/** A TensorFlow SavedModel or graph: only scanned, for operators by their names. */
export const savedModel: ModelReader = {
  name: 'tensorflow',
  extensions: ['.pb'],
  matches: (_, extension) => extension === '.pb',

  async parse(file, {limits}) {
    const bytes = Buffer.from(await file.read(0, Math.min(file.bytes, limits.pickleBytes)))
    const scan = hostOperators.flatMap((name) => {
      // NodeDef.op is field 2: its tag, the length, the name.
      const at = bytes.indexOf(Buffer.concat([Buffer.of(0x12, name.length), Buffer.from(name)]))
      return at < 0 ? [] : [finding('fileOperator', `operator ${name}`, at)]
    })
    const refusal = environmentError({
      code: 'E_FORMAT_UNSUPPORTED',
      message: `${file.path} is a TensorFlow SavedModel or graph, which this version of abd does not read.`,
      hints: ['Export it as ONNX (python -m tf2onnx.convert), or save its weights as safetensors.'],
    })
    return {plan: noWeightsPlan(scan), refusal}
  },
}
