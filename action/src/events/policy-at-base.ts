import {parsePolicy} from '../../../src/audit/policy.ts'
import type {Policy} from '../../../src/audit/policy.ts'
import {environmentError} from '../../../src/errors.ts'
import {safeLine} from '../safe-line.ts'
import type {GateEvent} from './gate-event.ts'
import type {GitHub} from './github.ts'
import type {Git} from './git.ts'
import {ensureCommit} from './git.ts'

/**
 * The policy that holds before the event: a pull request cannot loosen the gate that it has to pass. Where the commit has
 * none, the defaults hold; where that cannot be found out, E_POLICY_UNKNOWN. Throws E_POLICY with line and column for
 * one that cannot be read.
 */
export async function policyAtBase(
  path: string,
  {base}: Pick<GateEvent, 'base'>,
  {github, git}: {readonly github: GitHub | null; readonly git: Git},
): Promise<{readonly policy: Policy; readonly source: string}> {
  const ref = base ?? 'HEAD'
  const text = await fromGit(git, path, ref).catch(async (gitError: unknown) => {
    // Without the pull request's base in the checkout, GitHub knows; its HEAD would be another one's.
    if (github && base !== null) return fromGitHub(github, path, base)
    throw unknown(path, ref, gitError)
  })
  if (text === null) return {policy: parsePolicy('', path), source: 'defaults'}
  const source = `${path} at ${base === null ? 'HEAD' : base.slice(0, 12)}`
  return {policy: parsePolicy(text, source), source}
}

async function fromGit(git: Git, path: string, ref: string): Promise<string | null> {
  if (ref !== 'HEAD') await ensureCommit(git, ref)
  // Also says that the commit is there: otherwise no policy and no commit would look the same.
  const entry = (await git(['ls-tree', '-z', ref, '--', path])).toString('utf8')
  if (entry === '') return null
  const [mode, type, id] = entry.split(/[ \t]/)
  if (type !== 'blob' || mode === '120000') throw new Error(`${path} is no file in ${ref}`)
  return (await git(['cat-file', 'blob', id!])).toString('utf8')
}

const fromGitHub = (github: GitHub, path: string, ref: string): Promise<string | null> =>
  github.fileAt(path, ref).catch((error: unknown) => {
    throw unknown(path, ref, error)
  })

const unknown = (path: string, ref: string, cause: unknown) =>
  environmentError({
    code: 'E_POLICY_UNKNOWN',
    message: `Whether ${ref.slice(0, 12)} has a policy ${path} cannot be found out: ${safeLine((cause as Error).message)}.`,
    hints: ['Put actions/checkout before this action.', 'Give the job permissions: contents: read.'],
    cause,
  })
