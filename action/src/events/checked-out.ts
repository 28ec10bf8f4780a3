import {environmentError} from '../../../src/errors.ts'
import {safeLine} from '../safe-line.ts'
import type {GateEvent} from './gate-event.ts'
import type {Git} from './git.ts'

/**
 * The commit in the workspace, which every report is about. On a schedule or by hand it may be any: all models in it are
 * meant. Else it has to be what the event is about, or a check that names one commit would tell of the files of another: the
 * commit of the run (`sha`: of a pull request, its merge with the base), the event's own head, or a merge of that head by
 * GitHub, which is made anew whenever the base moves. Throws E_CHECKOUT.
 */
export async function checkedOut(
  git: Git,
  {kind, head}: Pick<GateEvent, 'kind' | 'head'>,
  sha: string | undefined,
): Promise<string> {
  const commit = await git(['cat-file', '-p', 'HEAD']).then(
    async (text) => ({id: (await git(['rev-parse', 'HEAD'])).toString().trim(), parents: parentsOf(text)}),
    (cause: unknown) => {
      throw refused(`it cannot be found out (${reason(cause)})`, cause)
    },
  )
  if (head === null || commit.id === sha || commit.id === head) return commit.id
  if (kind === 'pull_request' && commit.parents.length === 2 && commit.parents[1] === head) return commit.id
  throw refused(`it is ${commit.id.slice(0, 12)}, and the event is about ${head.slice(0, 12)}`)
}

/** As the commit itself says: a shallow checkout knows that the parents are there, not what they are. */
const parentsOf = (text: Buffer): string[] => {
  const [header = ''] = text.toString('utf8').split('\n\n', 1)
  return [...header.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map(([, id]) => id!)
}

const reason = (error: unknown): string =>
  safeLine((error as {stderr?: Buffer}).stderr?.toString().trim() || (error as Error).message)

const refused = (why: string, cause?: unknown) =>
  environmentError({
    code: 'E_CHECKOUT',
    message: `The workspace does not hold the commit that is to be audited: ${why}.`,
    hints: [
      'Put actions/checkout before this action, without path:, and without ref: or with ref: ${{ github.event.pull_request.head.sha }}.',
      'Where the branch has moved on since, the run of its newest commit counts.',
      'In a container, install git before the checkout.',
    ],
    cause,
  })
