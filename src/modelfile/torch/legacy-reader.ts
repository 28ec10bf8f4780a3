import {environmentError} from '../../errors.ts'
import {isDangerous} from '../model-file.ts'
import {interpret} from '../pickle/interpret.ts'
import {pickleContext} from '../pickle/machine.ts'
import type {ModelReader} from '../reader.ts'

/** Of the first pickle: PROTO 2, LONG1 0x1950a86a20f9469cfc6c, STOP. */
const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex')

/** Magic number, protocol version, system information, the object, the storages' keys; raw storages follow. */
const PICKLES = 5

/** torch.save's format before PyTorch 1.6. It is scanned; its weights are not read. */
export const pytorchLegacy: ModelReader = {
  name: 'pytorch-legacy',
  extensions: ['.pt', '.pth', '.bin', '.ckpt', '.pkl', '.tar'],
  matches: (head) => MAGIC.equals(head.subarray(0, MAGIC.length)),

  async read(file, {limits, signal}) {
    const context = pickleContext(limits, signal)
    const bytes = await file.read(0, Math.min(file.bytes, limits.pickleBytes))
    let at = 0
    let failure: string | undefined
    for (let n = 0; n < PICKLES && failure === undefined; n++) {
      const result = interpret(bytes.subarray(at), at, context)
      at += result.end
      failure = result.failure
    }
    if (isDangerous(context.findings.all))
      return {stateDict: new Map(), scan: context.findings.all, metadata: {}}
    if (failure !== undefined)
      throw environmentError({
        code: 'E_PICKLE',
        message: `${file.path}: a pickle in it is broken: ${failure}.`,
        hints: ['Copy or download it again, and compare its checksum with the source.'],
      })
    throw environmentError({
      code: 'E_FORMAT_UNSUPPORTED',
      message: `${file.path} is in PyTorch's format from before 1.6, which this version of abd only scans (nothing dangerous was found).`,
      hints: [
        "Save it again: torch.save(torch.load(path, map_location='cpu', weights_only=True), path), or as safetensors.",
      ],
    })
  },
}
