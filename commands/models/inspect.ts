import {BaseCommand, explained, printableLine, scanTable, table} from '@abd/cli'
import type {ModelSummary} from '@abd/core/modelfile'
import {Args, Flags} from '@oclif/core'
import {styleText} from 'node:util'

interface Refused {
  readonly path: string
  readonly error: {readonly code: string; readonly message: string; readonly hints: readonly string[]}
}

interface Inspected extends ModelSummary {
  /** Null where names and shapes do not tell. */
  readonly architecture: string | null
  readonly classes: number | null
  readonly dangerous: boolean
}

export default class Inspect extends BaseCommand {
  static override summary =
    'Show what is in model files: format, architecture, tensors, and what a scan finds'
  static override description = [
    'Nothing in the files is executed, and no engine is needed.',
    'Exit codes: 0, 2 a key that a file does not have, 3 a file is dangerous, 4 a file is missing, broken or of another format.',
  ].join('\n\n')
  static override examples = [
    '<%= config.bin %> <%= command.id %> teacher.pt',
    {
      description: 'Every tensor with its extremes and mean',
      command: '<%= config.bin %> <%= command.id %> teacher.safetensors --tensors',
    },
    {
      description: 'The student of a checkpoint, for scripts',
      command: '<%= config.bin %> <%= command.id %> last.pth --key student_state_dict --json',
    },
  ]
  static override strict = false
  static override args = {
    file: Args.string({
      required: true,
      description: 'Model files: PyTorch, safetensors, ONNX, Keras or TensorFlow.js',
    }),
  }
  static override flags = {
    key: Flags.string({
      helpValue: 'NAME',
      summary: 'Entry of a checkpoint dictionary that holds the weights.',
    }),
    tensors: Flags.boolean({summary: 'List every tensor with its smallest, largest and mean value.'}),
  }

  async run(): Promise<(Inspected | Refused)[]> {
    const {argv, flags} = await this.parse(Inspect)
    const results: (Inspected | Refused)[] = []
    const codes = new Set<number>()
    for (const path of argv as string[]) {
      const {result, code} = await inspect(path, {...flags, signal: this.signal})
      results.push(result)
      codes.add(code)
      if (this.jsonEnabled()) continue
      if ('error' in result) process.stderr.write(refusal(result))
      else this.log(`${describe(result, flags.tensors)}\n`)
    }
    process.exitCode = [3, 4, 2].find((code) => codes.has(code)) ?? 0
    return results
  }
}

async function inspect(
  path: string,
  {key, tensors, signal}: {key?: string | undefined; tensors: boolean; signal: AbortSignal},
): Promise<{result: Inspected | Refused; code: number}> {
  const {AbdError} = await import('@abd/core')
  const {isDangerous, readModelFile, summarise} = await import('@abd/core/modelfile')
  const {architectureOf} = await import('@abd/core/nn')
  try {
    const file = await readModelFile(path, {signal, ...(key !== undefined && {key})})
    const dangerous = isDangerous(file.scan)
    const network = attempt(() => architectureOf(file), AbdError)
    const result = {
      ...summarise(file, {statistics: tensors}),
      architecture: network?.name ?? null,
      classes: network?.classes ?? null,
      dangerous,
    }
    return {result, code: dangerous ? 3 : 0}
  } catch (error) {
    if (!(error instanceof AbdError)) throw error
    const {code, message, hints, exit} = error
    return {result: {path, error: {code, message, hints}}, code: exit}
  }
}

function attempt<T>(compute: () => T, expected: abstract new (...args: never[]) => Error): T | undefined {
  try {
    return compute()
  } catch (error) {
    if (error instanceof expected) return undefined
    throw error
  }
}

function describe(model: Inspected, withTensors: boolean): string {
  const facts = [
    ['format', model.format],
    ['size', `${size(model.bytes)} (${model.bytes} bytes)`],
    ['sha256', model.sha256],
    ['architecture', model.architecture ?? 'not recognised'],
    ['classes', String(model.classes ?? 'unknown')],
    ['parameters', model.parameters.toLocaleString('en')],
    ['tensors', `${model.tensors.length}${dtypesOf(model)}`],
    ...Object.entries(model.metadata).map(([name, value]) => [name, shorten(String(value))]),
  ]
  return [
    styleText('bold', printableLine(model.path)),
    ...facts.map(([name, value]) => `  ${printableLine(name!).padEnd(14)} ${printableLine(value!)}`),
    ...(model.scan.length > 0 ? ['', scanTable(model.scan, 80)] : ['  scan           nothing found']),
    ...(withTensors ? ['', tensorTable(model)] : []),
  ].join('\n')
}

const tensorTable = ({tensors}: Inspected) =>
  table(
    ['TENSOR', 'DTYPE', 'SHAPE', 'MIN', 'MAX', 'MEAN'],
    tensors.map(({name, dtype, shape, min, max, mean}) => [
      shorten(name),
      dtype,
      shape.join(' x ') || 'scalar',
      ...[min, max, mean].map((value) => (value == null ? '' : Number(value.toPrecision(5)).toString())),
    ]),
    [3, 4, 5],
  )

function dtypesOf({tensors}: Inspected): string {
  const counts = new Map<string, number>()
  for (const {dtype} of tensors) counts.set(dtype, (counts.get(dtype) ?? 0) + 1)
  return counts.size === 0 ? '' : ` (${[...counts].map(([dtype, count]) => `${count} ${dtype}`).join(', ')})`
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

const shorten = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text)

const refusal = ({error}: Refused) => explained(error)
