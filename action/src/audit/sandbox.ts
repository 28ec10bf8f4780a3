import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {environmentError} from '../../../src/errors.ts'
import type {Inputs} from '../inputs.ts'

const run = promisify(execFile)

export interface Sandbox {
  /** Put before the command. */
  readonly wrapper: readonly string[]
  /** For the log. */
  readonly words: string
}

// No network, no core dump of a model, and nothing written that would fill the disk.
const namespaces = ['unshare', '--map-root-user', '--net']
const limits = ['prlimit', '--core=0', `--fsize=${512 * 2 ** 20}`]

/**
 * What stands round each audit on this runner: tried, not assumed, for many systems forbid namespaces to users. Throws
 * E_SANDBOX where one is required and cannot be had.
 */
export async function findSandbox(wanted: Inputs['sandbox']): Promise<Sandbox> {
  if (wanted === 'off') return {wrapper: [], words: 'off: audits can reach the network'}
  const works = async (command: readonly string[]) => {
    const [program = '', ...args] = [...command, 'true']
    return run(program, args, {timeout: 10_000}).then(
      () => true,
      () => false,
    )
  }
  const [isolated, limited] = await Promise.all([works(namespaces), works(limits)])
  const wrapper = [...(limited ? limits : []), ...(isolated ? namespaces : [])]
  if (isolated) return {wrapper, words: 'audits run without a network'}
  if (wanted === 'required')
    throw environmentError({
      code: 'E_SANDBOX',
      message: 'This runner lets no job make a network namespace (unshare --map-root-user --net fails).',
      hints: [
        'Allow user namespaces on the runner (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0).',
        'Or set sandbox: auto.',
      ],
    })
  return {wrapper, words: 'this runner allows no namespaces: audits could reach the network'}
}
