import {mkdtemp} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import type {Report} from '../../src/audit/report-schema.ts'
import {policyHash} from '../../src/track/registry/verdict-of.ts'
import {AbdError, environmentError} from '../../src/errors.ts'
import {auditAll} from './audit/audit-all.ts'
import type {How} from './audit/audit-all.ts'
import {errorReport} from './audit/error-report.ts'
import {changedFiles} from './events/changed-files.ts'
import {checkedOut} from './events/checked-out.ts'
import type {GateEvent} from './events/gate-event.ts'
import type {Git} from './events/git.ts'
import type {GitHub} from './events/github.ts'
import {policyAtBase} from './events/policy-at-base.ts'
import {createMatcher, selectModels, shareOf} from './events/select-models.ts'
import {createWorkTree} from './events/work-tree.ts'
import type {Inputs} from './inputs.ts'
import {markerOf} from './report/sticky-comment.ts'
import type {Runner} from './report/runner.ts'
import {readParts} from './report/parts.ts'
import {scannedOnly} from './report/scanned-only.ts'
import {tell} from './report/tell.ts'
import type {Told} from './report/tell.ts'
import {safeLine} from './safe-line.ts'
import {isRed, overallVerdict} from './verdict.ts'

export interface GateOptions {
  readonly inputs: Inputs
  readonly event: GateEvent
  readonly github: GitHub | null
  readonly git: Git
  readonly runner: Runner
  readonly workspace: string
  /** The commit of the run, GITHUB_SHA. */
  readonly sha: string | undefined
  readonly mlflow: Told['mlflow']
  /** Of the job: what is made in it stays until the job ends. */
  readonly temp: string
  readonly summary: string | undefined
  /** Whether this machine is the user's own. */
  readonly selfHosted: boolean
  /** Workflow and job: one comment each. */
  readonly name: readonly string[]
  readonly program: {readonly path: string; readonly folder: string}
  /** Folders that no audit may see: with secrets, with files that steer the job, with other people's files. */
  readonly covered: readonly (string | undefined)[]
  /** Whether every job may become root here. */
  readonly sudo: boolean
  /** Aborted where the job is cancelled. */
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Seconds. */
  readonly clock: () => number
}

/** Of a matrix. */
const MOST_JOBS = 256

/** The whole gate; gives what turns the check red, in words, or null. Throws AbdError where it cannot do its work. */
export async function gate(options: GateOptions): Promise<string | null> {
  const {inputs, event, runner, github, workspace} = options
  const staticOnly = foreign(options)
  const commit = await checkedOut(options.git, event, options.sha)
  const {policy, source} = await policyAtBase(inputs.config, event, options)
  const all = await findModels(options)
  runner.setOutput('models', all.length)
  const shards = Math.min(all.length, MOST_JOBS)
  runner.setOutput('matrix', JSON.stringify(Array.from({length: shards}, (_, i) => `${i + 1}/${shards}`)))
  runner.setOutput('part', inputs.shard.replace('/', '-of-'))
  if (inputs.list) {
    runner.setOutput('verdict', 'skipped')
    return null
  }
  const how = {policy, policySource: source, staticOnly}
  const models = shareOf(all, inputs.shard)
  runner.info(
    `Commit: ${commit.slice(0, 12)}. Policy: ${safeLine(source)}. Models to audit: ${models.length}${models.length < all.length ? ` of ${all.length}` : ''}.`,
  )

  const audited = models.length === 0 || inputs.reports ? [] : await auditAll(models, how, options)
  options.signal.throwIfAborted()
  const reports = inputs.reports
    ? await putTogether(models, {...how, commit}, options)
    : audited.map(({report}) => report)
  reports.push(...(await fromRegistry(how, options)))
  const red = isRed(reports, inputs)
  const verdict = overallVerdict(reports)
  const count = (...of: Report['verdict'][]) => reports.filter((report) => of.includes(report.verdict)).length
  runner.setOutput('verdict', verdict)
  runner.setOutput(
    'audited',
    reports.filter((report) => report.verdict !== 'error' && !scannedOnly(report)).length,
  )
  runner.setOutput('flagged', count('block', 'review'))
  runner.setOutput('errors', count('error'))
  await tell(runner, {
    reports,
    part: {version: 2, commit, policy: policyHash(policy), audited},
    red,
    event,
    inputs,
    github,
    workspace,
    // What its parts have logged is not logged again.
    mlflow: inputs.reports ? null : options.mlflow,
    temp: options.temp,
    folder: await mkdtemp(join(options.temp, 'abd-report-')),
    summary: options.summary,
    marker: markerOf([...options.name, inputs.shard]),
  })
  runner.info(`Verdict: ${verdict}${reports.some(scannedOnly) ? ', not audited for backdoors' : ''}.`)
  if (!red) return null
  if (reports.length === 0) return 'Nothing that changed is a model (no-models: fail).'
  return `Backdoor audit: ${verdict}. ${count('block')} blocked, ${count('review')} to review, ${count('error')} not audited; the job summary tells why.`
}

/** Whether only a scan is due, for the files are a stranger's and the machine is the user's. Throws E_FORK. */
function foreign({inputs, event, selfHosted}: GateOptions): boolean {
  if (!selfHosted || !event.pull?.fork || inputs['fork-policy'] === 'run') return false
  if (inputs['fork-policy'] === 'static-only') return true
  throw environmentError({
    code: 'E_FORK',
    message: 'The pull request comes from a fork and this runner is your own: its files are not opened here.',
    hints: [
      'Run the gate on a runner of GitHub for forks, or bring the branch into this repository after a look at it.',
      'fork-policy: static-only scans the files; run trusts the sandbox.',
    ],
  })
}

async function findModels({inputs, event, workspace, runner, github, git}: GateOptions): Promise<string[]> {
  if (inputs.files.length > 0) return [...new Set(inputs.files)].sort()
  const {source, note, ...changed} = await changedFiles(event, {github, git})
  if (note !== undefined)
    runner.info(`${note}: asked ${source === 'git' ? 'git' : 'for all files of the work tree'} instead.`)
  return selectModels(changed, createMatcher(inputs.paths), createWorkTree(workspace))
}

/** The reports of a matrix's jobs; a model without one is an error. */
async function putTogether(
  models: readonly string[],
  {policy, policySource, commit}: How & {readonly commit: string},
  {inputs, workspace, now}: GateOptions,
): Promise<Report[]> {
  const found = await readParts(resolve(workspace, inputs.reports), {
    commit,
    policy: policyHash(policy),
    workspace,
    most: inputs['max-file-size'],
  })
  const missing = {
    message: 'No job of the matrix reported on this model.',
    hints: ['See the job of its part: it may have been cancelled.'],
  }
  const settings = {policy, policySource, seed: inputs.seed}
  return models.map((path) => found.get(path) ?? errorReport(path, missing, settings, now))
}

/** What the registry says of the versions that were asked for; none where none were. */
async function fromRegistry(
  {policy, policySource}: How,
  {inputs, mlflow, runner, now}: GateOptions,
): Promise<Report[]> {
  const addresses = inputs['registry-model']
  if (addresses.length === 0 || !mlflow) return []
  const {reportsFromRegistry} = await import('./report/from-registry.ts')
  return reportsFromRegistry(addresses, mlflow.settings, {
    settings: {policy, policySource, seed: inputs.seed},
    note: (line) => runner.info(safeLine(line)),
    now,
  })
}

/** What went wrong with the gate itself, and what to do, in one line. */
export const gateErrorInWords = (error: unknown): string =>
  error instanceof AbdError
    ? safeLine([`${error.code}: ${error.message}`, ...error.hints].join(' → '), 1000)
    : safeLine(`This is a bug in the gate: ${error instanceof Error ? error.message : String(error)}`, 1000)
