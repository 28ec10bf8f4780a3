import {spawn} from 'node:child_process'
import {constants} from 'node:fs'
import {mkdir, open, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Report} from '../../../src/audit/report-schema.ts'
import {environmentError} from '../../../src/errors.ts'
import {safeLine} from '../safe-line.ts'
import {ChildAnswer} from './child-request.ts'
import type {ChildRequest} from './child-request.ts'
import {errorReport} from './error-report.ts'
import type {Sandbox} from './sandbox.ts'
import {takeCopy} from './take-copy.ts'

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
  readonly now: () => Date
}

/** Audits one model of the workspace; whatever goes wrong becomes a report with the verdict error. */
export async function auditInChild(
  path: string,
  request: Omit<ChildRequest, 'model' | 'answer'>,
  options: ChildOptions,
): Promise<Report> {
  const {scratch, workspace, most, now} = options
  try {
    for (const name of ['model', 'answer', 'home']) await mkdir(join(scratch, name), {recursive: true})
    const sha256 = await takeCopy(path, join(scratch, 'model'), {workspace, most})
    const answer = join(scratch, 'answer', 'answer.json')
    await runChild({...request, model: path, answer}, options)
    const read = await readAnswer(answer)
    if ('error' in read) return errorReport(path, read.error, request, now)
    const {report} = read
    if (report.model.sha256 !== null && report.model.sha256 !== sha256)
      throw environmentError({code: 'E_AUDIT', message: 'The audit is about other bytes than were copied.'})
    return {...report, model: {...report.model, path}}
  } catch (error) {
    return errorReport(path, error as Error & {hints?: readonly string[]}, request, now)
  } finally {
    await rm(scratch, {recursive: true, force: true})
  }
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
    // It is a process without rights already, and may start no other.
    ABD_ISOLATION: 'off',
    ABD_CACHE_DIR: engineFolder ?? join(home, 'none'),
    ...Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
  }
}

/** Node's permission model: reads what it audits and itself, writes its answer, starts nothing. */
function nodeArguments(
  {scratch, programFolder, engineFolder}: ChildOptions,
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
    '--max-old-space-size=4096',
    '--permission',
    ...[join(scratch, 'model'), programFolder, ...(data === undefined ? [] : [data])].map(
      (path) => `--allow-fs-read=${path}`,
    ),
    `--allow-fs-write=${join(scratch, 'answer')}`,
    ...native,
  ]
}

/** How the engine finds out whether there is a GPU. */
const probed = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg']

async function runChild(request: ChildRequest, options: ChildOptions): Promise<void> {
  const {scratch, program, engineFolder, sandbox, timeLimit} = options
  const [command, ...args] = [
    ...sandbox.wrapper,
    process.execPath,
    ...nodeArguments(options, request.data),
    program,
    JSON.stringify(request),
  ]
  const child = spawn(command, args, {
    cwd: join(scratch, 'model'),
    env: childEnvironment(join(scratch, 'home'), engineFolder),
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that all of it can be ended.
    detached: true,
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-20_000)))
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, timeLimit * 1000)
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject).once('close', (...end) => resolve(end))
    })
    if (late)
      throw environmentError({
        code: 'E_TIME_LIMIT',
        message: `The audit took longer than ${timeLimit} s and was ended.`,
        hints: ['Raise time-limit, or choose profile: quick.'],
      })
    if (code === 0) return
    const last =
      said.split('\n').find((line) => line.includes('Error')) ?? said.trim().split('\n').at(-1) ?? ''
    throw environmentError({
      code: 'E_AUDIT',
      message: `The audit ended with ${signal ?? `exit code ${code}`} and without a result: ${safeLine(last, 400) || 'it said nothing'}`,
      hints: ['Run abd audit on the file to see more.', 'If it has to do with memory, use a larger runner.'],
    })
  } finally {
    clearTimeout(timer)
  }
}

async function readAnswer(path: string): Promise<ChildAnswer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const {size} = await file.stat()
    if (size > MOST_ANSWER)
      throw environmentError({code: 'E_AUDIT', message: `The audit's answer has ${size} bytes.`})
    return ChildAnswer.parse(JSON.parse(await file.readFile('utf8')))
  } finally {
    await file.close()
  }
}
