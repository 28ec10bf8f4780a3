import {z} from 'zod'
import {patientOctokit} from './patient-octokit.ts'
import type {PatientOptions} from './patient-octokit.ts'

/** Writes with `github.token`. */
const JOB_LOGIN = 'github-actions[bot]'

const File = z.looseObject({
  filename: z.string(),
  status: z.string(),
  previous_filename: z.string().optional(),
  /** Ends in `?ref=` and the head that was compared. */
  contents_url: z.string().optional(),
})
const Comment = z.looseObject({
  id: z.number().int(),
  body: z.string().nullish(),
  html_url: z.string().optional(),
  user: z.looseObject({login: z.string()}).nullable(),
})
export type PullFile = z.infer<typeof File>
export type Comment = z.infer<typeof Comment>

/** The few calls that the gate makes. What GitHub answers is checked, for a fake or a proxy may stand there. */
export interface GitHub {
  pullFiles(number: number): Promise<readonly PullFile[]>
  /** A file of a commit as text; null where it has none. */
  fileAt(path: string, ref: string): Promise<string | null>
  /** Who writes with this token. */
  login(): Promise<string>
  comments(number: number): Promise<readonly Comment[]>
  createComment(number: number, body: string): Promise<Comment>
  updateComment(id: number, body: string): Promise<Comment>
  createCheckRun(run: {
    readonly name: string
    readonly head: string
    readonly conclusion: 'success' | 'neutral' | 'failure'
    readonly title: string
    readonly summary: string
  }): Promise<void>
}

export interface GitHubOptions extends PatientOptions {
  /** 'owner/name' */
  readonly repository: string
}

export function createGitHub({repository, ...options}: GitHubOptions): GitHub {
  const octokit = patientOctokit(options)
  const [owner = '', repo = ''] = repository.split('/')
  const at = {owner, repo}
  return {
    async pullFiles(pull_number) {
      const {listFiles} = octokit.rest.pulls
      return z.array(File).parse(await octokit.paginate(listFiles, {...at, pull_number, per_page: 100}))
    },
    async fileAt(path, ref) {
      try {
        const {data} = await octokit.rest.repos.getContent({...at, path, ref, mediaType: {format: 'raw'}})
        if (typeof data === 'string') return data
        throw new Error(`${path} is no file`)
      } catch (error) {
        if ((error as {status?: number}).status !== 404) throw error
        // So it is for a commit that is not there, and for a token that may not read: neither has no file.
        await octokit.rest.git.getCommit({...at, commit_sha: ref})
        return null
      }
    },
    async login() {
      // Tokens of a job may not ask REST who they are.
      const viewer = await octokit.graphql<unknown>('{viewer{login}}').catch(() => undefined)
      return (
        z.looseObject({viewer: z.looseObject({login: z.string()})}).safeParse(viewer).data?.viewer.login ??
        JOB_LOGIN
      )
    },
    async comments(issue_number) {
      const {listComments} = octokit.rest.issues
      return z
        .array(Comment)
        .parse(await octokit.paginate(listComments, {...at, issue_number, per_page: 100}))
    },
    async createComment(issue_number, body) {
      return Comment.parse((await octokit.rest.issues.createComment({...at, issue_number, body})).data)
    },
    async updateComment(comment_id, body) {
      return Comment.parse((await octokit.rest.issues.updateComment({...at, comment_id, body})).data)
    },
    async createCheckRun({name, head, conclusion, title, summary}) {
      await octokit.rest.checks.create({
        ...at,
        name,
        head_sha: head,
        status: 'completed',
        conclusion,
        output: {title, summary},
      })
    },
  }
}
