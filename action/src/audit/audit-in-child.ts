import {constants} from 'node:fs'
import {mkdir, open, rm, writeFile} from 'node:fs/promises'
import {basename, extname, join, posix} from 'node:path'
import type {Report} from '../../../src/audit/report-schema.ts'
import {environmentError} from '../../../src/errors.ts'
import {parserAnswer, readParserAnswer} from '../../../src/modelfile/isolation/isolated-parse.ts'
import {defaultLimits} from '../../../src/modelfile/limits.ts'
import {combinedHash} from '../../../src/modelfile/read-model-file.ts'
import {openSource} from '../../../src/modelfile/source-file.ts'
import type {AuditCache} from './audit-cache.ts'
import {ChildAnswer} from './child-request.ts'
import type {ChildRequest} from './child-request.ts'
import {endTree} from './end-tree.ts'
import {errorReport} from './error-report.ts'
import {runChild} from './run-child.ts'
import type {Sandbox} from './sandbox.ts'
import {copy, takeCopy} from './take-copy.ts'

/** A report with its pictures has some hundred kilobytes. */
const MOST_ANSWER = 32 * 2 ** 20

export interface ChildOptions {
  readonly workspace: string
  /** Removed afterwards. */
  readonly scratch: string
  /** The bundled audit-child.js, in the folder with all that it reads. */
  readonly program: string
  readonly programFolder: string
  /** Where TensorFlow is, if there is one to be used. */
  readonly engineFolder: string | null
  readonly sandbox: Sandbox
  readonly most: number
  /** Seconds. */
  readonly timeLimit: number
  /** Bytes. */
  readonly memoryLimit: number
  readonly cache: AuditCache
  readonly signal: AbortSignal
  /** One line for the log; holds nothing from outside. */
  note(line: string): void
  readonly now: () => Date
}

/** A report, and the files that it rests on: the model, those that hold its weights, its cards. None where there was an error. */
export interface Audited {
  readonly report: Report
  readonly files: readonly {readonly path: string; readonly sha256: string}[]
}

/**
 * Audits one model of the workspace: a copy, a child without rights that parses it, another one that computes with the plan
 * of the first. Whatever goes wrong becomes a report with the verdict error.
 */
export async function auditInChild(
  path: string,
  request: Omit<ChildRequest, 'model' | 'parsed' | 'answer'>,
  options: ChildOptions,
): Promise<Audited> {
  const {scratch, workspace, most, now, cache} = options
  try {
    for (const name of ['model', 'parsed', 'answer', 'home'])
      await mkdir(join(scratch, name), {recursive: true})
    const model = join(scratch, 'model')
    const {sha256: own, cards} = await takeCopy(path, model, {workspace, most})
    const {parsed, files} = await parse(path, options)
    const beside = (name: string) => posix.join(posix.dirname(path), basename(name))
    const weights = [{path, sha256: own}]
    for (const name of files)
      weights.push({path: beside(name), sha256: await copy(beside(name), model, {workspace, most})})
    const about = [
      ...weights,
      ...Object.entries(cards).map(([name, sha256]) => ({path: beside(name), sha256})),
    ]
    const copied = {
      sha256: combinedHash(weights.map(({sha256}) => sha256)),
      cards,
      extension: extname(path).toLowerCase(),
    }
    const known = request.staticOnly ? undefined : await cache.read(copied)
    if (known) {
      options.note('The verdict on these bytes is known from an earlier run.')
      const report = {
        ...known,
        model: {...known.model, path},
        policy: {...known.policy, source: request.policySource},
      }
      return {report, files: about}
    }
    const answer = join(scratch, 'answer', 'answer.json')
    await compute({...request, model: path, parsed, answer}, options)
    const read = await readAnswer(answer)
    if ('error' in read) return {report: errorReport(path, read.error, request, now), files: []}
    const {verdict, model: named} = read.report
    // One that went wrong early does not get as far as the hash.
    const early = named.sha256 === null && verdict === 'error'
    if (!early && named.sha256 !== copied.sha256)
      throw environmentError({code: 'E_AUDIT', message: 'The audit is about other bytes than were copied.'})
    const report = {...read.report, model: {...read.report.model, sha256: copied.sha256, path}}
    if (!request.staticOnly) await cache.write(copied, report)
    return {report, files: about}
  } catch (error) {
    const {message, hints = []} = error as Error & {hints?: readonly string[]}
    // The private copy by the name that users know.
    const known = (text: string) => text.replaceAll(`${join(scratch, 'model')}/`, '')
    return {
      report: errorReport(path, {message: known(message), hints: hints.map(known)}, request, now),
      files: [],
    }
  } finally {
    await rm(scratch, {recursive: true, force: true})
  }
}

/**
 * In a process that may open nothing, is given the open file and has no addons. Gives the file with its answer, and the files
 * beside the model that hold weights. Throws what the reader throws.
 */
async function parse(
  path: string,
  {scratch, sandbox, programFolder, signal}: ChildOptions,
): Promise<{readonly parsed: string; readonly files: readonly string[]}> {
  await using file = await openSource(join(scratch, 'model', path), defaultLimits)
  const {bytes, descriptor} = file
  const answer = await parserAnswer(
    {path, bytes, descriptor},
    {
      limits: defaultLimits,
      wrapper: sandbox.wrap({writable: [], readable: [programFolder]}),
      end: (pid) => endTree(pid, sandbox.root),
      signal,
    },
  )
  const {plan} = readParserAnswer(answer, path)
  const parsed = join(scratch, 'parsed', 'answer')
  await writeFile(parsed, answer)
  return {parsed, files: plan.files.flat()}
}

async function compute(request: ChildRequest, options: ChildOptions): Promise<void> {
  const {scratch, program, programFolder, engineFolder, sandbox, timeLimit, memoryLimit} = options
  const {data} = request
  const wrapper = sandbox.wrap(
    {
      writable: [join(scratch, 'answer'), join(scratch, 'home')],
      readable: [
        ...[join(scratch, 'model'), join(scratch, 'parsed'), programFolder],
        ...[engineFolder, data].filter((path) => path !== null && path !== undefined),
      ],
    },
    // CUDA maps far more than it uses: there the watch on what is resident has to do.
    engineFolder === null ? {memory: memoryLimit} : undefined,
  )
  await runChild({
    command: [
      ...wrapper,
      process.execPath,
      ...nodeArguments(options, data),
      program,
      JSON.stringify(request),
    ],
    cwd: join(scratch, 'model'),
    env: childEnvironment(join(scratch, 'home'), engineFolder),
    timeLimit,
    memoryLimit,
    root: sandbox.root,
    signal: options.signal,
  })
}

/** The child's environment, all of it: nothing of the runner's, which holds tokens and the files that steer the job. */
const childEnvironment = (home: string, engineFolder: string | null): Record<string, string> => {
  const kept = [
    'PATH',
    ...(engineFolder === null ? [] : ['LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'ABD_TF32']),
  ]
  return {
    LANG: 'C.UTF-8',
    HOME: home,
    TMPDIR: home,
    NO_COLOR: '1',
    // The file was parsed by another process already, and this one may start none.
    ABD_ISOLATION: 'off',
    ABD_CACHE_DIR: engineFolder ?? join(home, 'none'),
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  }
}

/** Node's permission model: reads what it audits and itself, writes its answer, starts nothing. */
function nodeArguments(
  {scratch, programFolder, engineFolder, memoryLimit}: ChildOptions,
  data: string | undefined,
): string[] {
  const native =
    engineFolder === null
      ? []
      : [
          '--allow-addons',
          `--allow-fs-read=${engineFolder}`,
          ...probed.map((path) => `--allow-fs-read=${path}`),
        ]
  return [
    `--max-old-space-size=${Math.min(4096, Math.floor(memoryLimit / 2 ** 20))}`,
    '--permission',
    ...[
      join(scratch, 'model'),
      join(scratch, 'parsed'),
      programFolder,
      ...(data === undefined ? [] : [data]),
    ].map((path) => `--allow-fs-read=${path}`),
    `--allow-fs-write=${join(scratch, 'answer')}`,
    ...native,
  ]
}

/** How the engine finds out whether there is a GPU. */
const probed = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg']

async function readAnswer(path: string): Promise<ChildAnswer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    const message = 'The audit ended and gave no answer.'
    throw environmentError({
      code: 'E_AUDIT',
      message,
      hints: ['Run abd audit on the file to see more.'],
      cause,
    })
  })
  try {
    const {size} = await file.stat()
    if (size > MOST_ANSWER)
      throw environmentError({code: 'E_AUDIT', message: `The audit's answer has ${size} bytes.`})
    return ChildAnswer.parse(JSON.parse(await file.readFile('utf8')))
  } finally {
    await file.close()
  }
}
