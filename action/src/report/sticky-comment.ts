import {createHash} from 'node:crypto'
import type {GitHub} from '../events/github.ts'

/** Names one gate of one workflow: two of them in a pull request keep a comment each. */
export const markerOf = (parts: readonly string[]): string =>
  `<!-- abd-gate:v1 ${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)} -->`

/**
 * Writes the one comment of this gate, or rewrites it. Ours is one with the marker that we wrote: anybody can paste the
 * marker into a comment of their own. `create` false: only what is there already is kept up to date.
 */
export async function stickyComment(
  github: GitHub,
  {
    number,
    marker,
    body,
    create,
  }: {readonly number: number; readonly marker: string; readonly body: string; readonly create: boolean},
): Promise<string | undefined> {
  const [comments, login] = await Promise.all([github.comments(number), github.login()])
  const ours = comments.find((comment) => comment.user?.login === login && comment.body?.startsWith(marker))
  const text = `${marker}\n${body}`
  if (ours) return (await github.updateComment(ours.id, text)).html_url
  if (!create) return undefined
  return (await github.createComment(number, text)).html_url
}
