import {spawn} from 'node:child_process'
import type {ChildProcess} from 'node:child_process'
import {fileURLToPath} from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

// What the test runner sets for itself is not what a user has.
const {NODE_OPTIONS: _options, FORCE_COLOR: _colour, ...environment} = process.env

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Options {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly signalAfter?: number
  readonly signal?: 'SIGINT' | 'SIGTERM'
}

/** The built CLI in a process of its own, as a user has it. */
export function abd(args: readonly string[], options: Options = {}): Promise<Ran> {
  const {child, ran} = start(args, options)
  if (options.signalAfter !== undefined)
    setTimeout(() => child.kill(options.signal ?? 'SIGINT'), options.signalAfter)
  return ran
}

/** The same while it runs. */
export function start(
  args: readonly string[],
  {cwd = root, env = {}}: Options = {},
): {readonly child: ChildProcess; readonly ran: Promise<Ran>} {
  const child = spawn(process.execPath, [`${root}/bin/run.js`, ...args], {
    cwd,
    env: {...environment, NODE_ENV: 'production', NO_COLOR: '1', ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ran = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({code, stdout, stderr}))
  })
  return {child, ran}
}
