import * as core from '@actions/core'
import {appendFile, readFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {environmentError} from '../../src/errors.ts'
import {escapeMarkdown} from '../../src/report/escape-markdown.ts'
import {parseEvent} from './events/gate-event.ts'
import {createGit} from './events/git.ts'
import {createGitHub} from './events/github.ts'
import {gate, gateErrorInWords} from './gate.ts'
import {parseInputs} from './inputs.ts'
import {runnerHome} from './runner-home.ts'
import type {Told} from './report/tell.ts'

/** The runner's environment, read here and nowhere else. */
async function main(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const inputs = parseInputs(environment)
  const token = inputs['github-token']
  if (token) core.setSecret(token)
  const need = (name: string): string => {
    const value = environment[name]
    if (value) return value
    throw environmentError({
      code: 'E_RUNNER',
      message: `The runner did not set ${name}.`,
      hints: ['Run this as a step of a workflow.'],
    })
  }
  const repository = need('GITHUB_REPOSITORY')
  const api = environment['GITHUB_API_URL'] ?? 'https://api.github.com'
  const workspace = need('GITHUB_WORKSPACE')
  const event = parseEvent(
    need('GITHUB_EVENT_NAME'),
    JSON.parse(await readFile(need('GITHUB_EVENT_PATH'), 'utf8')),
  )
  const folder = dirname(fileURLToPath(import.meta.url))
  return gate({
    inputs,
    event,
    github: token ? createGitHub({token, repository, api, pause: 1000, note: core.info}) : null,
    git: createGit(workspace, {token, server: environment['GITHUB_SERVER_URL'] ?? 'https://github.com'}),
    runner: core,
    workspace,
    sha: environment['GITHUB_SHA'],
    mlflow: await mlflowOf(inputs['mlflow-tracking-uri'], environment),
    temp: environment['RUNNER_TEMP'] ?? tmpdir(),
    summary: environment['GITHUB_STEP_SUMMARY'],
    selfHosted: environment['RUNNER_ENVIRONMENT'] !== 'github-hosted',
    name: [environment['GITHUB_WORKFLOW'] ?? '', environment['GITHUB_JOB'] ?? ''],
    program: {path: join(folder, 'audit-child.js'), folder},
    covered: [
      ...['GITHUB_WORKSPACE', 'RUNNER_TEMP', 'RUNNER_WORKSPACE', 'HOME'].map((name) => environment[name]),
      ...['GITHUB_EVENT_PATH', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'].map(
        (name) => environment[name] && dirname(environment[name]),
      ),
      ...(await runnerHome([
        process.execPath,
        folder,
        ...['RUNNER_TEMP', 'RUNNER_WORKSPACE', 'GITHUB_WORKSPACE'].map((name) => environment[name]),
      ])),
      '/run',
      '/tmp',
    ],
    sudo: environment['RUNNER_ENVIRONMENT'] === 'github-hosted',
    signal: cancelled(),
    now: () => new Date(),
    clock: () => performance.now() / 1000,
  })
}

/** The runner asks twice before it kills: children have to be ended by then, for it does not know them. */
function cancelled(): AbortSignal {
  const controller = new AbortController()
  const error = environmentError({code: 'E_CANCELLED', message: 'The job was cancelled.', hints: []})
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort(error))
  return controller.signal
}

async function mlflowOf(uri: string, environment: NodeJS.ProcessEnv): Promise<Told['mlflow']> {
  if (!uri) return null
  const {trackingSettings} = await import('../../src/track/settings.ts')
  const settings = trackingSettings(environment, {uri})!
  for (const secret of settings.secrets) core.setSecret(secret)
  return {settings, environment, now: () => new Date()}
}

try {
  const red = await main(process.env)
  if (red !== null) core.setFailed(red)
} catch (error) {
  const words = gateErrorInWords(error)
  core.setOutput('verdict', 'error')
  const summary = process.env['GITHUB_STEP_SUMMARY']
  if (summary)
    await appendFile(summary, `## Backdoor audit: error\n\n${escapeMarkdown(words, 1000)}\n`).catch(
      () => undefined,
    )
  core.setFailed(words)
}
