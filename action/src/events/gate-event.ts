import {z} from 'zod'
import {environmentError, usageError} from '../../../src/errors.ts'
import {issuesInWords} from '../../../src/issues-in-words.ts'

const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
const repository = z.looseObject({full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/)})

const payloads = {
  pull_request: z.looseObject({
    pull_request: z.looseObject({
      number: z.number().int().positive(),
      changed_files: z.number().int().min(0).optional(),
      base: z.looseObject({sha, repo: repository}),
      // A fork that was deleted has no repository any more.
      head: z.looseObject({sha, repo: repository.nullable()}),
    }),
  }),
  merge_group: z.looseObject({merge_group: z.looseObject({base_sha: sha, head_sha: sha})}),
  push: z.looseObject({before: sha, after: sha}),
} as const

/** What happened, as far as the gate needs it. */
export interface GateEvent {
  readonly kind: 'pull_request' | 'merge_group' | 'push' | 'schedule' | 'workflow_dispatch'
  /** The commit whose policy counts and that changes are counted from; null: every model in the work tree is meant. */
  readonly base: string | null
  readonly head: string | null
  readonly pull: {
    readonly number: number
    readonly changedFiles: number | null
    readonly fork: boolean
  } | null
}

/** Throws E_EVENT for an event that the gate does not know, or whose payload is none. */
export function parseEvent(name: string, payload: unknown): GateEvent {
  if (name === 'pull_request') {
    const {number, changed_files, base, head} = checked(payloads.pull_request, payload, name).pull_request
    const fork = head.repo?.full_name !== base.repo.full_name
    return {
      kind: name,
      base: base.sha,
      head: head.sha,
      pull: {number, changedFiles: changed_files ?? null, fork},
    }
  }
  if (name === 'merge_group') {
    const {base_sha, head_sha} = checked(payloads.merge_group, payload, name).merge_group
    return {kind: name, base: base_sha, head: head_sha, pull: null}
  }
  if (name === 'push') {
    const {before, after} = checked(payloads.push, payload, name)
    // A new branch has no commit before.
    return {kind: name, base: /^0+$/.test(before) ? null : before, head: after, pull: null}
  }
  if (name === 'schedule' || name === 'workflow_dispatch')
    return {kind: name, base: null, head: null, pull: null}
  throw usageError({
    code: 'E_EVENT',
    message: `The gate does not run on the event '${name}'.`,
    hints: [
      'Use pull_request, merge_group, push, schedule or workflow_dispatch.',
      ...(name === 'pull_request_target'
        ? ['pull_request_target would hand the secrets of the repository to a job that reads foreign files.']
        : []),
    ],
  })
}

function checked<T>(schema: z.ZodType<T>, payload: unknown, name: string): T {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data
  throw environmentError({
    code: 'E_EVENT',
    message: `The payload of the event '${name}' cannot be read: ${issuesInWords(parsed.error.issues, {of: 'event', known: []})}`,
    hints: ['GITHUB_EVENT_PATH has to name the file that the runner wrote.'],
  })
}
