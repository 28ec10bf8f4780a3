import {execFileSync, spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {TOKEN} from './fake-github.ts'

type Files = Readonly<Record<string, string | Uint8Array | {readonly link: string}>>

export interface PullRequest extends Disposable {
  readonly folder: string
  readonly workspace: string
  readonly base: string
  readonly head: string
}

const git = (cwd: string, ...args: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=a', '-c', 'user.email=a@b.example', '-c', 'commit.gpgsign=false', ...args],
    {
      cwd,
      encoding: 'utf8',
      env: {PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null'},
    },
  ).trim()

function write(folder: string, files: Files) {
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path)
    mkdirSync(dirname(target), {recursive: true})
    rmSync(target, {force: true})
    if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, target)
    else writeFileSync(target, content)
  }
}

/** A repository with a base commit, and a checkout of the pull request's as actions/checkout leaves it: the last commit alone. */
export function pullRequest(before: Files, after: Files): PullRequest {
  const folder = mkdtempSync(join(tmpdir(), 'abd-action-'))
  const origin = join(folder, 'origin')
  mkdirSync(origin)
  git(origin, 'init', '-q', '-b', 'main')
  git(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true')
  write(origin, {'README.md': 'x', ...before})
  git(origin, 'add', '-A')
  git(origin, 'commit', '-qm', 'base')
  const base = git(origin, 'rev-parse', 'HEAD')
  git(origin, 'checkout', '-qb', 'change')
  write(origin, after)
  git(origin, 'add', '-A')
  git(origin, 'commit', '-q', '--allow-empty', '-m', 'change')
  const head = git(origin, 'rev-parse', 'HEAD')
  const workspace = join(folder, 'workspace')
  git(folder, 'clone', '-q', '--depth=1', '--branch=change', `file://${origin}`, workspace)
  return {
    folder,
    workspace,
    base,
    head,
    [Symbol.dispose]: () => rmSync(folder, {recursive: true, force: true}),
  }
}

export interface ActionRun {
  readonly code: number | null
  readonly log: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** What is left in the runner's temporary folder. */
  readonly left: readonly string[]
  /** Until the first output. */
  readonly firstSeconds: number
}

interface RunOptions {
  readonly api?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly event?: string
  readonly payload?: unknown
  readonly fork?: boolean
  readonly changedFiles?: number
}

/** Runs the bundled entry point as a runner does: inputs, event and files by environment variables, and no more. */
export async function runAction(
  dist: string,
  {workspace, folder, base, head}: PullRequest,
  {
    api,
    inputs = {},
    env = {},
    event = 'pull_request',
    payload,
    fork = false,
    changedFiles = 1,
  }: RunOptions = {},
): Promise<ActionRun> {
  const at = (name: string) => join(folder, name)
  mkdirSync(at('temp'), {recursive: true})
  for (const name of ['output', 'summary']) writeFileSync(at(name), '')
  const pull_request = {
    number: 7,
    changed_files: changedFiles,
    base: {sha: base, repo: {full_name: 'acme/models'}},
    head: {sha: head, repo: {full_name: fork ? 'mallory/models' : 'acme/models'}},
  }
  writeFileSync(at('event.json'), JSON.stringify(payload ?? {pull_request}))
  const began = performance.now()
  const child = spawn(process.execPath, [join(dist, 'index.js')], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'acme/models',
      GITHUB_WORKSPACE: workspace,
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: at('event.json'),
      GITHUB_OUTPUT: at('output'),
      GITHUB_STEP_SUMMARY: at('summary'),
      GITHUB_WORKFLOW: 'audit',
      GITHUB_JOB: 'gate',
      RUNNER_TEMP: at('temp'),
      RUNNER_ENVIRONMENT: 'github-hosted',
      ACTIONS_RUNTIME_TOKEN: 'a-secret-of-the-runner',
      ...(api ? {GITHUB_API_URL: api, 'INPUT_GITHUB-TOKEN': TOKEN} : {}),
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
      ...env,
    },
  })
  let log = ''
  let firstSeconds = Infinity
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      firstSeconds = Math.min(firstSeconds, (performance.now() - began) / 1000)
      log += text
    })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    code,
    log,
    outputs: parseOutputs(readFileSync(at('output'), 'utf8')),
    summary: readFileSync(at('summary'), 'utf8'),
    left: readdirSync(at('temp')),
    firstSeconds,
  }
}

/** `name<<delimiter`, lines, `delimiter`. */
function parseOutputs(text: string): Record<string, string> {
  const matches = text.matchAll(/^([\w-]+)<<(ghadelimiter_[\w-]+)\r?\n([\s\S]*?)\r?\n\2$/gm)
  return Object.fromEntries([...matches].map(([, name, , value]) => [name!, value!]))
}
