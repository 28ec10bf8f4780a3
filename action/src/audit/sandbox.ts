import {execFile} from 'node:child_process'
import {mkdtemp, realpath, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {environmentError} from '../../../src/errors.ts'
import type {Inputs} from '../inputs.ts'
import {sandboxScript} from './sandbox-script.ts'

const run = promisify(execFile)

/** What one child sees of the folders that are covered: files or folders that are there. */
export interface Seen {
  readonly writable: readonly string[]
  readonly readable: readonly string[]
}

export interface Sandbox {
  /** The words before a command that sees this much, and that takes at most so many bytes of memory (of its own data). */
  wrap(seen: Seen, limits?: {readonly memory: number}): readonly string[]
  /** Whether sudo starts what is wrapped, so that sudo has to end it. */
  readonly root: boolean
  /** For the log. */
  readonly words: string
}

export interface Surroundings {
  /** Folders with secrets, with files that steer the job, with other people's files. */
  readonly covered: readonly (string | undefined)[]
  /** Where a folder for the trial can be made. */
  readonly temp: string
  /** On GitHub's own runners every job may become root, and users may make no namespaces. */
  readonly sudo: boolean
}

/** Who makes the namespaces: anybody, in a user namespace of their own, or root. */
type Maker = 'user' | 'sudo'
const kinds = ['--mount', '--net', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc']

function namespaces(maker: Maker, {writable, readable}: Seen, covered: readonly string[]): readonly string[] {
  const whom = maker === 'user' ? ['', ''] : [String(process.getuid?.()), String(process.getgid?.())]
  const counts = [writable, readable, covered].map(({length}) => String(length))
  const shell = ['sh', '-c', sandboxScript, 'sh', ...whom, ...counts, ...writable, ...readable, ...covered]
  if (maker === 'user') return ['unshare', '--user', '--map-root-user', ...kinds, ...shell]
  // sudo would set variables of its own.
  return ['sudo', '--non-interactive', '--preserve-env', 'unshare', ...kinds, ...shell]
}

const RESERVED = 2 ** 30

const onlyNetwork = ['unshare', '--map-root-user', '--net', '--pid', '--fork', '--kill-child']

/** Ends with whoever started it, even where that is killed; sudo shakes it off. */
const bound = ['setpriv', '--pdeathsig', 'KILL']

const mayStay = 'one that leaves its parent could outlive its audit'

/** No core dump of a model, and nothing written that would fill the disk. */
const limited = (memory: number | undefined): readonly string[] => [
  'prlimit',
  '--core=0',
  `--fsize=${512 * 2 ** 20}`,
  // Memory that may be written to, the kernel's own limit behind the watch on what is resident: V8 reserves some at its start.
  ...(memory === undefined ? [] : [`--data=${Math.floor(memory + RESERVED)}`]),
]

/**
 * What stands round each child on this runner: tried, not assumed, for many systems forbid namespaces to users. Throws
 * E_SANDBOX where one is required and cannot be had.
 */
export async function findSandbox(wanted: Inputs['sandbox'], surroundings: Surroundings): Promise<Sandbox> {
  const limits = (await failure([...limited(undefined), 'true'])) === undefined
  const binds = (await failure([...bound, 'true'])) === undefined
  const before = (memory?: number) => [...(binds ? bound : []), ...(limits ? limited(memory) : [])]
  if (wanted === 'off')
    return {
      wrap: (_, most) => before(most?.memory),
      root: false,
      words: `off: audits can reach the network, and ${mayStay}`,
    }
  const covered = await coveredFolders(surroundings.covered)
  const reasons: string[] = []
  for (const maker of surroundings.sudo ? (['user', 'sudo'] as const) : (['user'] as const)) {
    const trial = await mkdtemp(join(surroundings.temp, 'abd-trial-'))
    const seen = {writable: [trial], readable: [process.execPath]}
    const why = await failure([...namespaces(maker, seen, covered), process.execPath, '--eval', '0'])
    await rm(trial, {recursive: true, force: true})
    if (why === undefined)
      return {
        wrap: ({writable, readable}, most) => [
          ...before(most?.memory),
          ...namespaces(maker, {writable, readable: [process.execPath, ...readable]}, covered),
        ],
        root: maker === 'sudo',
        words: "audits run without a network, and see neither the runner's files nor its processes",
      }
    reasons.push(why)
  }
  if ((await failure([...onlyNetwork, 'true'])) === undefined)
    return {
      wrap: (_, most) => [...before(most?.memory), ...onlyNetwork],
      root: false,
      words: `audits run without a network; the runner's files are not covered (${reasons.at(-1)})`,
    }
  if (wanted === 'required')
    throw environmentError({
      code: 'E_SANDBOX',
      message: `This runner lets no job make namespaces: ${reasons.join('; ')}.`,
      hints: [
        'Allow user namespaces on the runner (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0).',
        'Or set sandbox: auto.',
      ],
    })
  return {
    wrap: (_, most) => before(most?.memory),
    root: false,
    words: `this runner allows no namespaces (${reasons.at(-1)}): audits could reach the network, and ${mayStay}`,
  }
}

/** Why a command cannot be run, or undefined where it can. */
async function failure([program = '', ...args]: readonly string[]): Promise<string | undefined> {
  try {
    await run(program, args, {cwd: '/', env: {PATH: process.env['PATH']}, timeout: 20_000})
    return undefined
  } catch (error) {
    const {stderr, message, code} = error as {stderr?: string; message: string; code?: unknown}
    if (code === 'ENOENT') return `there is no ${program}`
    return stderr?.trim().split('\n')[0] || message.split('\n')[0] || 'it failed'
  }
}

/** Those that are there; one within another is covered with it. */
async function coveredFolders(candidates: readonly (string | undefined)[]): Promise<string[]> {
  const there = new Set<string>()
  for (const candidate of candidates) {
    const folder = candidate && (await realpath(candidate).catch(() => undefined))
    if (folder && folder !== '/' && (await stat(folder)).isDirectory()) there.add(folder)
  }
  return [...there].filter((folder) => ![...there].some((other) => folder.startsWith(`${other}/`)))
}
