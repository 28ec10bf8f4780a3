import {spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

// What the test runner sets for itself is not what a user has.
const {NODE_OPTIONS: _options, FORCE_COLOR: _colour, ...environment} = process.env

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The built CLI in a process of its own, as a user has it. */
export function abd(
  args: readonly string[],
  options: {
    cwd?: string
    env?: Readonly<Record<string, string>>
    signalAfter?: number
    signal?: 'SIGINT' | 'SIGTERM'
  } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${root}/bin/run.js`, ...args], {
      cwd: options.cwd ?? root,
      env: {...environment, NODE_ENV: 'production', NO_COLOR: '1', ...options.env},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({code, stdout, stderr}))
    if (options.signalAfter !== undefined)
      setTimeout(() => child.kill(options.signal ?? 'SIGINT'), options.signalAfter)
  })
}
