import {spawn, type ChildProcess} from 'node:child_process'
import {existsSync} from 'node:fs'
import {basename, dirname, extname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {AbdError, environmentError} from '../../errors.ts'
import type {Digest} from '../blocks.ts'
import type {ParsedAs} from '../parse-file.ts'
import type {ReadOptions} from '../reader.ts'
import type {SourceFile} from '../source-file.ts'
import {withoutNetwork} from './network-namespace.ts'
import {Answer, type ErrorMessage, type Request} from './protocol.ts'
import {residentBytes} from './resident-bytes.ts'

/** What the process that parses may take: far more than any real model's structure needs. */
export interface ParserBounds {
  readonly seconds: number
  /** Of JavaScript objects. */
  readonly heapMegabytes: number
  /** Of all its memory; watched on Linux alone. */
  readonly residentBytes: number
}

export const parserBounds: ParserBounds = {seconds: 30, heapMegabytes: 1024, residentBytes: 2 ** 31}

const MAX_JSON_BYTES = 256 * 2 ** 20
const MAX_PAYLOAD_BYTES = 2 ** 31

export interface IsolateOptions extends ReadOptions {
  /** Words before the command, in place of those that take the network away where the system allows it. */
  readonly wrapper?: readonly string[]
  /** Ends the process with all that the wrapper has put round it; by default it is killed. */
  readonly end?: (pid: number) => void
  readonly bounds?: ParserBounds
}

/**
 * Parses in a process of its own: under Node's permission model (it may open nothing but the code of abd, start no
 * process, load no addon), with an empty environment, without a network where the system allows that, with limits on
 * time and memory. It is given the open file and answers with a plan; these are its bytes, unread. Throws E_PARSER where
 * the process fails.
 */
export const parserAnswer = (
  file: Pick<SourceFile, 'path' | 'bytes' | 'descriptor'>,
  {key, limits, signal, wrapper, end, bounds = parserBounds}: IsolateOptions,
): Promise<Buffer> =>
  run({path: file.path, bytes: file.bytes, ...(key !== undefined && {key}), limits: {...limits}}, file, {
    signal,
    wrapper,
    end,
    bounds,
  })

/**
 * What such a process answered, checked by schema here and against the file when the weights are loaded. Throws what the
 * reader threw, and E_PARSER for what is no answer.
 */
export function readParserAnswer(
  bytes: Buffer,
  path: string,
): ParsedAs & {readonly digests: readonly Digest[]} {
  const {answer, payload} = decoded(bytes, path)
  if (!answer.ok) throw errorOf(answer.error)
  const {format, plan, digests, refusal} = answer
  return {format, plan, digests, payload: [payload], ...(refusal && {refusal: errorOf(refusal)})}
}

const here = dirname(fileURLToPath(import.meta.url))

/** The core's own code and the node_modules folders above it: what an import may read. A bundle is one folder. */
function readable(): string[] {
  if (basename(here) !== 'isolation') return [here]
  const code = join(here, '..', '..')
  const folders = [code]
  for (let folder = code; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (existsSync(modules)) folders.push(modules)
    // Imports look for the nearest package.json.
    folders.push(join(folder, 'package.json'))
    if (dirname(folder) === folder) return folders
  }
}

/** The command that runs a script with the parser's rights: what comes after it is the script. */
export const parserArguments = (
  wrapper: readonly string[] = withoutNetwork() ?? [],
  {heapMegabytes}: ParserBounds = parserBounds,
): string[] => [
  ...wrapper,
  process.execPath,
  '--permission',
  ...readable().map((path) => `--allow-fs-read=${path}`),
  `--max-old-space-size=${heapMegabytes}`,
  '--disable-warning=SecurityWarning',
  '--disable-warning=ExperimentalWarning',
]

interface RunOptions {
  readonly signal: AbortSignal | undefined
  readonly wrapper: readonly string[] | undefined
  readonly end: IsolateOptions['end'] | undefined
  readonly bounds: ParserBounds
}

function start(request: Request, descriptor: number, {wrapper, bounds}: RunOptions): ChildProcess {
  const script = join(here, `child${extname(import.meta.url)}`)
  const [command, ...args] = [...parserArguments(wrapper, bounds), script, JSON.stringify(request)]
  return spawn(command, args, {
    // As its standard input: sudo, which may be what makes the namespaces, closes all others.
    stdio: [descriptor, 'pipe', 'pipe'],
    env: process.platform === 'win32' ? {SystemRoot: process.env['SystemRoot']} : {},
    cwd: '/',
  })
}

function run(
  request: Request,
  file: Pick<SourceFile, 'path' | 'descriptor'>,
  options: RunOptions,
): Promise<Buffer> {
  const {signal, end, bounds} = options
  const {promise, resolve, reject} = Promise.withResolvers<Buffer>()
  signal?.throwIfAborted()
  const child = start(request, file.descriptor, options)
  const output: Buffer[] = []
  let bytes = 0
  let errors = ''
  const kill = () => {
    if (end && child.pid !== undefined) end(child.pid)
    else child.kill('SIGKILL')
  }
  const stop = (why: string) => {
    kill()
    reject(parserError(file.path, why))
  }
  const timer = setTimeout(() => stop(`it took more than ${bounds.seconds} seconds`), bounds.seconds * 1000)
  const memory = setInterval(() => {
    if (residentBytes(child.pid) > bounds.residentBytes)
      stop(`it took more than ${bounds.residentBytes} bytes of memory`)
  }, 50)
  const aborted = () => {
    kill()
    reject(signal!.reason as Error)
  }
  signal?.addEventListener('abort', aborted, {once: true})
  child.stdout!.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > MAX_JSON_BYTES + MAX_PAYLOAD_BYTES) stop('its answer is too long')
    else output.push(piece)
  })
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => {
    if (errors.length < 4000) errors += piece
  })
  child.on('error', (error) => reject(parserError(file.path, error.message)))
  child.on('close', (code, killed) => {
    if (code === 0) resolve(Buffer.concat(output))
    else reject(parserError(file.path, `it ended with ${code ?? killed}: ${lastLine(errors)}`))
  })
  return promise.finally(() => {
    clearTimeout(timer)
    clearInterval(memory)
    signal?.removeEventListener('abort', aborted)
  })
}

function decoded(output: Buffer, path: string): {answer: Answer; payload: Buffer} {
  const length = output.length < 4 ? Infinity : output.readUInt32LE(0)
  if (length > Math.min(output.length - 4, MAX_JSON_BYTES)) throw parserError(path, 'its answer is cut off')
  let value: unknown
  try {
    value = JSON.parse(output.toString('utf8', 4, 4 + length))
  } catch {
    throw parserError(path, 'its answer is not JSON')
  }
  const answer = Answer.safeParse(value)
  const payload = output.subarray(4 + length)
  if (!answer.success)
    throw parserError(path, `its answer is wrong at ${answer.error.issues[0]?.path.join('.')}`)
  if (answer.data.ok && answer.data.plan.payloadBytes !== payload.length)
    throw parserError(path, `its answer has ${payload.length} bytes of weights`)
  return {answer: answer.data, payload}
}

const errorOf = ({code, exit, message, hints}: ErrorMessage) =>
  new AbdError({code: code as AbdError['code'], exit, message, hints})

const lastLine = (text: string) =>
  text
    .trim()
    .split('\n')
    .find((line) => /error/i.test(line))
    ?.slice(0, 300) ?? 'it said nothing'

const parserError = (path: string, why: string) =>
  environmentError({
    code: 'E_PARSER',
    message: `${path} could not be parsed: the process that parses it failed (${why}).`,
    hints: ['The file may be made to break its reader: do not load it with anything else. Please report it.'],
  })
