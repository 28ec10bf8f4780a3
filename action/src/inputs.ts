import {z} from 'zod'
import {issuesInWords} from '../../src/issues-in-words.ts'
import {usageError} from '../../src/errors.ts'
import {parseSeconds, parseSize} from './units.ts'

const flag = (value: 'true' | 'false') =>
  z
    .enum(['true', 'false'])
    .default(value)
    .transform((text) => text === 'true')

const modelFiles = [
  // What abd reads.
  '**/*.{pt,pth,safetensors,onnx,h5,hdf5,keras}',
  // What it does not: such a file is an error, not a pass.
  '**/*.{pb,tflite,pkl,pickle,dill,ckpt,joblib,skops,gguf,pt2,ptl,jit,torchscript,mar,nemo,msgpack}',
  '**/*.{pt,pth,ckpt}.tar',
  '**/*pytorch_model*.bin',
  // Models by other names, and the model.json of TensorFlow.js.
  'content:**',
]

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))

/** What a workflow may say under `with:`. The defaults live here alone; action.yml is written from it. */
export const Inputs = z.strictObject({
  paths: z
    .string()
    .default(modelFiles.join('\n'))
    .transform(lines)
    .describe(
      'Globs of model files, one a line; with content: in front only what holds a model, with ! what is left out',
    ),
  files: z
    .string()
    .default('')
    .transform(lines)
    .describe('Audit these files, one a line, instead of those that the event changed'),
  config: z
    .string()
    .default('abd.policy.yml')
    .describe(
      'Policy, read from the commit that a pull request wants to change, never from the pull request',
    ),
  profile: z
    .enum(['', 'quick', 'standard'])
    .default('')
    .describe(
      'quick: forward passes; standard: also the transfer test. Empty: standard where the engine can train',
    ),
  budget: z
    .string()
    .default('')
    .describe('Instead of profile: the largest that will be done in time, as in 5m'),
  data: z
    .string()
    .default('')
    .describe(
      'Labelled images of the task on the runner, outside the checkout, for accuracy and more evidence',
    ),
  engine: z
    .enum(['auto', 'install', 'tensorflow', 'wasm'])
    .default('auto')
    .describe(
      'auto: TensorFlow where abd engine install put it, else the wasm engine that comes with the action; install: set TensorFlow up first (pip and a C++ compiler), once for each cache folder',
    ),
  seed: z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number')
    .default('0')
    .transform(Number)
    .describe('Seed of every random number'),
  'fail-on': z
    .enum(['block', 'review', 'never'])
    .default('block')
    .describe('From which verdict on the check is red'),
  'on-error': z
    .enum(['fail', 'warn'])
    .default('fail')
    .describe('Whether the check is red when a model could not be audited'),
  'no-models': z
    .enum(['pass', 'fail'])
    .default('pass')
    .describe('Whether the check is red when nothing matches'),
  'max-file-size': z
    .string()
    .default('10GiB')
    .transform(parseSize)
    .describe('Larger files are an error, as in 500MiB'),
  'time-limit': z
    .string()
    .default('1h')
    .transform(parseSeconds)
    .describe('For each model; what takes longer is an error'),
  'memory-limit': z
    .string()
    .default('')
    .transform((text, context) => (text === '' ? null : parseSize(text, context)))
    .describe("For each audit, as in 4GiB; empty: four fifths of the runner's, shared by those at once"),
  'cache-dir': z
    .string()
    .default('')
    .describe(
      'Folder of verdicts of earlier runs; pull requests never write it and believe a block alone. Empty: none',
    ),
  sandbox: z
    .enum(['required', 'auto', 'off'])
    .default('auto')
    .describe(
      'Namespaces round each audit, without a network and with files of the runner covered: required, where the runner can (auto), or off',
    ),
  'fork-policy': z
    .enum(['refuse', 'static-only', 'run'])
    .default('refuse')
    .describe('What a pull request from a fork gets on a self-hosted runner'),
  comment: z
    .enum(['always', 'on-failure', 'never'])
    .default('on-failure')
    .describe('When the pull request gets a comment; there is one, and it is kept up to date'),
  'sarif-file': z.string().default('').describe('Also write the SARIF file here, inside the workspace'),
  'check-run': flag('false').describe('Also create a check run; GitHub shows it in a suite of its choice'),
  list: flag('false').describe(
    'Audit nothing: only set the outputs models and matrix, for jobs side by side',
  ),
  shard: z
    .string()
    .regex(/^[1-9]\d{0,3}\/[1-9]\d{0,3}$/, 'as in 1/3')
    .default('1/1')
    .describe('Audit the n-th share of the models only, as in 2/3'),
  reports: z
    .string()
    .default('')
    .describe(
      'Audit nothing: put together what the jobs of a matrix reported, from this folder of their downloaded reports',
    ),
  'mlflow-tracking-uri': z
    .string()
    .default('')
    .describe(
      "Log each audit as a run on this MLflow server; credentials come from MLflow's own environment variables",
    ),
  'registry-model': z
    .string()
    .default('')
    .transform(lines)
    .describe(
      'Also require a verdict that the MLflow registry holds, one a line: NAME (its version with the alias audit-passed), models:/NAME/VERSION, models:/NAME@ALIAS',
    ),
  'github-token': z
    .string()
    .default('${{ github.token }}')
    .describe('For the list of changed files, the policy and the comment; empty: git alone'),
})
export type Inputs = z.output<typeof Inputs>

const inputNames = Object.keys(Inputs.shape)

/**
 * The inputs as the runner hands them over: `INPUT_` and the name in capitals. Empty counts as not said, apart from the
 * token. Throws E_INPUT for a value that is none, and for a name that no input has, with the nearest one.
 */
export function parseInputs(environment: NodeJS.ProcessEnv): Inputs {
  const given: Record<string, string> = {}
  for (const [key, value] of Object.entries(environment))
    if (key.startsWith('INPUT_') && value?.trim())
      given[key.slice(6).toLowerCase().replaceAll('_', '-')] = value.trim()
  given['github-token'] = environment['INPUT_GITHUB-TOKEN']?.trim() ?? ''
  const parsed = Inputs.safeParse(given)
  if (!parsed.success)
    throw usageError({
      code: 'E_INPUT',
      message: `The inputs of the action: ${issuesInWords(parsed.error.issues, {of: 'with', known: [...inputNames]})}`,
      hints: ['See the inputs in action.yml.'],
    })
  if (parsed.data.profile && parsed.data.budget)
    throw usageError({
      code: 'E_INPUT',
      message: 'profile and budget exclude one another.',
      hints: ['Keep one.'],
    })
  if (parsed.data['registry-model'].length > 0 && !parsed.data['mlflow-tracking-uri'])
    throw usageError({
      code: 'E_INPUT',
      message: 'registry-model needs mlflow-tracking-uri, the server that holds the registry.',
      hints: ['Give it, as in mlflow-tracking-uri: https://mlflow.example'],
    })
  const [n = 1, m = 1] = parsed.data.shard.split('/').map(Number)
  if (n > m)
    throw usageError({
      code: 'E_INPUT',
      message: `There is no share ${parsed.data.shard}.`,
      hints: ['Shares are counted from 1: 1/3, 2/3, 3/3.'],
    })
  return parsed.data
}
