import {environmentError} from '../../../src/errors.ts'
import {safeLine} from '../safe-line.ts'
import type {GateEvent} from './gate-event.ts'
import type {GitHub, PullFile} from './github.ts'
import type {Git} from './git.ts'
import {ensureCommit} from './git.ts'

/** GitHub lists no more of a pull request. */
const LISTED = 3000

export interface Changed {
  /** What is there now. Paths in the repository, with `/`. */
  readonly paths: readonly string[]
  /** What was removed or is called otherwise now. */
  readonly gone: readonly string[]
  readonly source: 'api' | 'git' | 'work tree'
  /** Why it is not the first source, for the log. */
  readonly note?: string
}

/**
 * The files that are not after the event as they were before. What cannot be found out must not hide a
 * model: the API, then git's comparison of the two trees, then every file of the work tree.
 */
export async function changedFiles(
  event: GateEvent,
  {github, git}: {readonly github: GitHub | null; readonly git: Git},
): Promise<Changed> {
  const notes: string[] = []
  if (event.pull && github) {
    try {
      const listed = await github.pullFiles(event.pull.number)
      const expected = event.pull.changedFiles ?? 0
      const other = listed.map(headOf).find((head) => head !== undefined && head !== event.head)
      if (other !== undefined) notes.push(`GitHub lists the files of a later push (${other.slice(0, 12)})`)
      else if (listed.length < LISTED && listed.length >= expected)
        return {
          paths: listed.filter(({status}) => status !== 'removed').map(({filename}) => filename),
          gone: listed.flatMap(({status, filename, previous_filename}) =>
            status === 'removed' ? [filename] : (previous_filename ?? []),
          ),
          source: 'api',
        }
      else notes.push(`GitHub lists ${listed.length} of ${expected || 'more'} changed files`)
    } catch (error) {
      notes.push(`GitHub does not list the changed files (${reason(error)})`)
    }
  }
  if (event.base !== null) {
    try {
      await ensureCommit(git, event.base)
      const differing = async (filter: string) =>
        names(
          await git([
            ...['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'],
            ...[`--diff-filter=${filter}`, event.base!, 'HEAD', '--'],
          ]),
        )
      const [paths, gone] = [await differing('d'), await differing('D')]
      return {paths, gone, source: 'git', ...noted(notes)}
    } catch (error) {
      notes.push(`git cannot compare with ${event.base.slice(0, 12)} (${reason(error)})`)
    }
  }
  try {
    const paths = names(await git(['ls-files', '-z']))
    return {paths, gone: [], source: 'work tree', ...noted(notes)}
  } catch (cause) {
    throw environmentError({
      code: 'E_CHANGED_FILES',
      message: `What changed cannot be found out: ${[...notes, `git lists no files (${reason(cause)})`].join('; ')}.`,
      hints: [
        'Put actions/checkout before this action.',
        'Give the job permissions: contents: read, pull-requests: read.',
      ],
      cause,
    })
  }
}

/** The head of the pull request when GitHub was asked: a run that waited, or is run again, is about an earlier one. */
const headOf = ({status, contents_url}: PullFile): string | undefined =>
  status === 'removed' ? undefined : /[?&]ref=([0-9a-f]{40,64})$/.exec(contents_url ?? '')?.[1]

const names = (out: Buffer): string[] => out.toString('utf8').split('\0').filter(Boolean)
const noted = (notes: readonly string[]) => (notes.length === 0 ? {} : {note: notes.join('; ')})
const reason = (error: unknown): string =>
  safeLine((error as {stderr?: Buffer}).stderr?.toString().trim() || (error as Error).message)
