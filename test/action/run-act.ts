import {spawn, spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {TOKEN} from './fake-github.ts'
import type {PullRequest} from './pull-request.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ACTION = 'acme/abd@0123456789012345678901234567890123456789'
const PLACEHOLDER = 'OWNER/abd@0000000000000000000000000000000000000000'

/** Where act is: `ABD_ACT`, the PATH, or made by Go and kept; undefined where there is neither. */
export function findAct(): string | undefined {
  const works = (program: string) => spawnSync(program, ['--version']).status === 0
  const given = process.env['ABD_ACT'] ?? 'act'
  if (works(given)) return given
  const bin = join(root, 'node_modules/.cache/abd/bin')
  const made = join(bin, 'act')
  if (works(made)) return made
  mkdirSync(bin, {recursive: true})
  spawnSync('go', ['install', 'github.com/nektos/act@v0.2.89'], {
    env: {...process.env, GOBIN: bin},
    stdio: 'inherit',
  })
  return works(made) ? made : undefined
}

export interface ActRun {
  readonly code: number | null
  /** Result by job, with its place in the matrix. */
  readonly jobs: readonly {readonly job: string; readonly result: string}[]
  readonly summaries: string
  readonly log: string
}

/** Runs a template of workflows/ with the bundled action, as act does without containers; GitHub is the fake behind `api`. */
export async function runAct(
  act: string,
  dist: string,
  {workspace, folder, base, head}: PullRequest,
  {template, event, api, fork = false}: {template: string; event: string; api: string; fork?: boolean},
): Promise<ActRun> {
  const at = (name: string) => join(folder, name)
  // What a runner would fetch from GitHub.
  const action = at('action')
  mkdirSync(join(action, 'action'), {recursive: true})
  cpSync(join(root, 'action.yml'), join(action, 'action.yml'))
  cpSync(dist, join(action, 'action/dist'), {recursive: true})
  writeFileSync(join(action, 'package.json'), '{"type":"module"}')
  const text = readFileSync(join(root, `workflows/${template}.yml`), 'utf8').replaceAll(PLACEHOLDER, ACTION)
  const workflow = at(`${template}.yml`)
  writeFileSync(workflow, text)
  const uploads = [
    ...new Set(
      [...text.matchAll(/uses: ((?:actions\/upload-artifact|github\/codeql-action)\S*)/g)].map(
        ([, used]) => used!,
      ),
    ),
  ]
  const stubs = uploads.map((used) => {
    const [name = '', ref] = used.split('@')
    const [owner, repository, ...sub] = name.split('/')
    const stub = at(`stub-${repository}`)
    mkdirSync(join(stub, ...sub), {recursive: true})
    writeFileSync(join(stub, ...sub, 'action.yml'), STUB)
    return `${owner}/${repository}@${ref}=${stub}`
  })
  const pull_request = {
    number: 7,
    changed_files: 1,
    base: {sha: base, repo: {full_name: 'acme/models'}},
    head: {sha: head, ref: 'change', repo: {full_name: fork ? 'mallory/models' : 'acme/models', fork}},
  }
  writeFileSync(at('event.json'), JSON.stringify(event === 'pull_request' ? {pull_request} : {}))
  const home = mkdtempSync(join(tmpdir(), 'abd-act-'))
  const options = [
    ...['-C', workspace, '-W', workflow, '-e', at('event.json'), '--json', '--rm', '--no-cache-server'],
    ...['--concurrent-jobs', '2', '-P', 'ubuntu-24.04=-self-hosted', '-s', `GITHUB_TOKEN=${TOKEN}`],
    ...['--env', `GITHUB_API_URL=${api}`, '--env', 'GITHUB_REPOSITORY=acme/models'],
    ...[`${ACTION}=${action}`, ...stubs].flatMap((one) => ['--local-repository', one]),
  ]
  const child = spawn(act, [event, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      HOME: home,
      XDG_CACHE_HOME: home,
      XDG_CONFIG_HOME: home,
    },
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (some: string) => (log += some))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  rmSync(home, {recursive: true, force: true})
  const events = log.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, string>]
    } catch {
      return []
    }
  })
  return {
    code,
    jobs: events.flatMap(({job, jobResult}) => (jobResult ? [{job: job!, result: jobResult}] : [])),
    summaries: events.flatMap(({command, content}) => (command === 'summary' ? [content] : [])).join('\n'),
    log,
  }
}

const STUB = `name: stub
description: stands for an upload
inputs:
  name: {description: x}
  path: {description: x}
  sarif_file: {description: x}
  category: {description: x}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        FILE: \${{ inputs.sarif_file || inputs.path }}
      run: test -e "$FILE" && echo "uploaded $(basename "$FILE")"
`
