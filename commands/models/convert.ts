import {BaseCommand} from '@abd/cli'
import {Args, Flags} from '@oclif/core'
import {dirname, extname} from 'node:path'

interface Converted {
  readonly from: string
  readonly to: string
  readonly tensors: number
  readonly bytes: number
  readonly sha256: string
}

export default class Convert extends BaseCommand {
  static override summary = 'Write the weights of a model file as safetensors or as a PyTorch file'
  static override description = [
    'Reads what abd reads (PyTorch, safetensors, ONNX, Keras, TensorFlow.js) without executing anything in it, and writes the tensors alone: names, types, shapes and values as they are. A file with dangerous findings is refused; so nothing but weights comes out.',
    'torch.load(FILE, weights_only=True) reads the .pt files. Exit codes: 0, 2 wrong words, 3 the file is dangerous, 4 it cannot be read or written.',
  ].join('\n\n')
  static override examples = [
    '<%= config.bin %> <%= command.id %> teacher.pt teacher.safetensors',
    {
      description: 'The student of a checkpoint, in half precision',
      command:
        '<%= config.bin %> <%= command.id %> last.pth student.pt --key student_state_dict --dtype float16',
    },
  ]
  static override args = {
    from: Args.string({required: true, description: 'The model file to read.'}),
    to: Args.string({required: true, description: 'The file to write: .safetensors, .pt or .pth.'}),
  }
  static override flags = {
    key: Flags.string({
      helpValue: 'NAME',
      summary: 'Entry of a checkpoint dictionary that holds the weights.',
    }),
    dtype: Flags.option({
      options: ['float32', 'float16', 'bfloat16'] as const,
      summary: 'Write floating-point tensors in this type; by default as they are.',
    })(),
    force: Flags.boolean({summary: 'Write over a file that is there.'}),
  }

  async run(): Promise<Converted> {
    const {args, flags} = await this.parse(Convert)
    const {dangerError, environmentError, usageError} = await import('@abd/core')
    const {castFloats, isDangerous, readModelFile, writeSafetensors, writeTorchZip} =
      await import('@abd/core/modelfile')
    const {checkWritable, outputError} = await import('@abd/core/report')
    const extension = extname(args.to).toLowerCase()
    if (!['.safetensors', '.pt', '.pth'].includes(extension))
      throw usageError({
        code: 'E_FORMAT_UNKNOWN',
        message: `Nothing is written as '${extension}'.`,
        hints: ['Name a file that ends in .safetensors, .pt or .pth.'],
      })
    if (!flags.force && (await exists(args.to)))
      throw environmentError({
        code: 'E_FILE_EXISTS',
        message: `${args.to} is there already.`,
        hints: ['Name another file, or give --force.'],
      })
    await checkWritable(dirname(args.to))
    const file = await readModelFile(args.from, {
      signal: this.signal,
      ...(flags.key !== undefined && {key: flags.key}),
    })
    if (isDangerous(file.scan))
      throw dangerError({
        code: 'E_MODEL_DANGEROUS',
        message: `${args.from} is not converted: ${file.scan[0]!.rule}, ${file.scan[0]!.message}.`,
        hints: [`See what it holds with: abd models scan ${args.from}`],
      })
    if (file.graph && !this.jsonEnabled())
      this.progress.note(
        'The weights are written; the graph that the file holds is not part of a state dict.',
      )
    if (!this.jsonEnabled())
      for (const {rule, message} of file.scan) this.progress.note(`${rule}: ${message}.`)
    const tensors = flags.dtype ? castFloats(file.stateDict, flags.dtype) : file.stateDict
    try {
      if (extension === '.safetensors')
        await writeSafetensors(args.to, tensors, {source_sha256: file.sha256, source_format: file.format})
      else await writeTorchZip(args.to, tensors)
    } catch (error) {
      throw outputError(error, args.to)
    }
    const written = await readModelFile(args.to, {isolate: false})
    const result = {
      from: args.from,
      to: args.to,
      tensors: written.stateDict.size,
      bytes: written.bytes,
      sha256: written.sha256,
    }
    this.log(
      `Wrote ${result.tensors} tensors, ${result.bytes} bytes, to ${result.to} (sha256 ${result.sha256}).`,
    )
    return result
  }
}

async function exists(path: string): Promise<boolean> {
  const {stat} = await import('node:fs/promises')
  return stat(path).then(
    () => true,
    () => false,
  )
}
