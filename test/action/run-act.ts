import {spawn, spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {cacheFolder} from '../../src/engine/install/installation.ts'
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

export interface ActOptions {
  readonly template: string
  readonly event: string
  readonly api: string
  readonly fork?: boolean
  readonly changedFiles?: number
  /** A folder with programs that come before all others. */
  readonly path?: string
  readonly inputs?: Readonly<Record<string, string>>
  /** A workflow that calls the template. */
  readonly caller?: string
  /** Only the jobs with these values, as in `trigger:blend`. */
  readonly matrix?: readonly string[]
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
  dist: string | undefined,
  {workspace, folder, base, head}: PullRequest,
  {
    template,
    event,
    api,
    fork = false,
    changedFiles = 1,
    path = '',
    inputs = {},
    matrix = [],
    caller,
  }: ActOptions,
): Promise<ActRun> {
  const at = (name: string) => join(folder, name)
  // What a runner would fetch from GitHub.
  const action = at('action')
  mkdirSync(join(action, 'action'), {recursive: true})
  cpSync(join(root, 'action.yml'), join(action, 'action.yml'))
  if (dist !== undefined) cpSync(dist, join(action, 'action/dist'), {recursive: true})
  writeFileSync(join(action, 'package.json'), '{"type":"module"}')
  const text = readFileSync(join(root, `workflows/${template}.yml`), 'utf8').replaceAll(PLACEHOLDER, ACTION)
  const workflow = at(`${template}.yml`)
  writeFileSync(workflow, caller ?? text)
  // Where a workflow of the same repository calls it.
  const called = join(workspace, '.github/workflows', `${template}.yml`)
  if (caller !== undefined) {
    mkdirSync(dirname(called), {recursive: true})
    writeFileSync(called, text)
  }
  const uploads = [
    ...new Set(
      [
        ...text.matchAll(
          /uses: ((?:actions\/(?:upload-artifact|download-artifact|cache)|github\/codeql-action)\S*)/g,
        ),
      ].map(([, used]) => used!),
    ),
  ]
  const stubs = uploads.map((used) => {
    const [name = '', ref] = used.split('@')
    const [owner, repository, ...sub] = name.split('/')
    const stub = at(`stub-${repository}`)
    mkdirSync(join(stub, ...sub), {recursive: true})
    writeFileSync(join(stub, ...sub, 'action.yml'), stubOf(used))
    return `${owner}/${repository}@${ref}=${stub}`
  })
  const pull_request = {
    number: 7,
    changed_files: changedFiles,
    base: {sha: base, repo: {full_name: 'acme/models'}},
    head: {sha: head, ref: 'change', repo: {full_name: fork ? 'mallory/models' : 'acme/models', fork}},
  }
  const payload = {pull_request: {pull_request}, push: {before: base, after: head}}[event] ?? {inputs}
  writeFileSync(at('event.json'), JSON.stringify(payload))
  const home = mkdtempSync(join(tmpdir(), 'abd-act-'))
  const options = [
    ...['-C', workspace, '-W', workflow, '-e', at('event.json'), '--json', '--rm', '--no-cache-server'],
    ...['--concurrent-jobs', '2', '-s', `GITHUB_TOKEN=${TOKEN}`],
    ...['ubuntu-24.04', 'self-hosted', 'gpu'].flatMap((label) => ['-P', `${label}=-self-hosted`]),
    ...['--env', `GITHUB_API_URL=${api}`, '--env', 'GITHUB_REPOSITORY=acme/models'],
    ...['--env', `ABD_STUB_STORE=${at('store')}`, '--env', `ABD_CACHE_DIR=${cacheFolder()}`],
    ...matrix.flatMap((one) => ['--matrix', one]),
    ...[`${ACTION}=${action}`, ...stubs].flatMap((one) => ['--local-repository', one]),
  ]
  const child = spawn(act, [event, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [path, dirname(process.execPath), process.env['PATH']].filter(Boolean).join(':'),
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

/** Stands for an action of GitHub's: what is uploaded lies in a folder, and is found there again. */
const stubOf = (used: string) => `name: stub
description: stands for ${used.split('@')[0]}
inputs:
  name: {description: x}
  path: {description: x}
  pattern: {description: x}
  key: {description: x}
  restore-keys: {description: x}
  if-no-files-found: {description: x}
  sarif_file: {description: x}
  category: {description: x}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        FILE: \${{ inputs.sarif_file || inputs.path }}
        NAME: \${{ inputs.name || inputs.key || inputs.category }}
        PATTERN: \${{ inputs.pattern }}
      run: |
        ${works[Object.keys(works).find((part) => used.includes(part))!]}
`

const store = `mkdir -p "$ABD_STUB_STORE/$NAME"; for one in $FILE; do from="$one"; [ -d "$one" ] && from="$one/."; cp -r "$from" "$ABD_STUB_STORE/$NAME/" && echo "uploaded $(basename "$one")" || exit 1; done`
const works: Readonly<Record<string, string>> = {
  'download-artifact': `mkdir -p "$FILE"; cp -r "$ABD_STUB_STORE"/$PATTERN "$FILE/"; echo "downloaded $(ls "$FILE" | wc -l)"`,
  'cache/restore': `if [ -e "$ABD_STUB_STORE/verdicts" ]; then cp -r "$ABD_STUB_STORE/verdicts" "$FILE"; echo "restored"; fi`,
  'cache/save': `mkdir -p "$ABD_STUB_STORE"; cp -r "$FILE" "$ABD_STUB_STORE/verdicts"; echo "saved"`,
  'actions/cache@': 'echo "kept $FILE"',
  'upload-': store,
}
