import {AbdError} from '@abd/core'
import type {Progress} from '@abd/core'
import {readCalibration, Report} from '@abd/core/audit'
import {sha256OfFile} from '@abd/core/modelfile'
import {writeOutputs} from '@abd/core/report'
import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {z} from 'zod'
import type {KnownModel} from './find-models.ts'

export interface BenchSettings {
  readonly profile: 'quick' | 'standard' | 'deep'
  readonly seed: number
  readonly engine: string
  /** A path, undefined for the calibration that ships. */
  readonly calibration: string | undefined
  /** Whether an audit is told the input's mean and standard deviation, as the sidecar has them. */
  readonly normalisation: 'sidecar' | 'guess'
}

/** Runs a command of `abd` and answers what it prints as JSON. */
type RunAbd = (command: readonly string[]) => Promise<unknown>

export interface AuditingOptions {
  readonly settings: BenchSettings
  /** Where audits and reports are kept. */
  readonly folder: string
  /** Audits at a time. */
  readonly jobs: number
  /** Of this program. */
  readonly version: string
  readonly run: RunAbd
  readonly progress: Progress
  readonly signal: AbortSignal
}

export interface Audited {
  readonly model: KnownModel
  readonly sha256: string
  readonly report: Report
  /** Whether it was there from a run before. */
  readonly reused: boolean
}

/**
 * Audits models, `jobs` at a time, in processes of their own. Each report is kept in `folder/audits` under the hash of model,
 * settings and version: a second run only audits what is missing. A model that cannot be audited has a report with the
 * verdict `error`; where an audit ends without a report, E_AUDIT is thrown, and what is done stays.
 */
export async function auditModels(
  models: readonly KnownModel[],
  {settings, folder, jobs, version, run, progress, signal}: AuditingOptions,
): Promise<readonly Audited[]> {
  const task = progress.start('Models', models.length)
  const audited = new Array<Audited>(models.length)
  const audits = join(folder, 'audits')
  const calibration = settings.calibration === undefined ? null : await sha256OfFile(settings.calibration)
  // What ships under one version of the program may change before that is released.
  const shipped = calibration === null ? (await readCalibration()).id : null
  let next = 0
  let failed: {readonly error: unknown} | undefined
  async function work(): Promise<void> {
    for (let i = next++; i < models.length && !failed; i = next++) {
      signal.throwIfAborted()
      const model = models[i]!
      const command = commandFor(model, settings, join(folder, 'reports', model.name))
      const sha256 = await sha256OfFile(model.path)
      const identity = [sha256, {...settings, calibration, normalisation: ofInput(model, settings)}, version]
      const file = `${hashOf(JSON.stringify(identity)).slice(0, 32)}.json`
      const before = await kept(join(audits, file), shipped)
      const report = before ?? (await fresh(model, command))
      if (!before) await writeOutputs(audits, {[file]: `${JSON.stringify(report)}\n`})
      audited[i] = {model, sha256, report, reused: before !== undefined}
      task.advance(1, model.name)
    }
  }
  async function fresh(model: KnownModel, command: readonly string[]): Promise<Report> {
    const printed = await run(command).catch((error: unknown) => {
      signal.throwIfAborted()
      throw withName(error, model.name)
    })
    const parsed = z.tuple([Report]).safeParse(printed)
    if (parsed.success) return parsed.data[0]
    throw withName(new Error('what it printed is no report'), model.name)
  }
  // Those under way are waited for, so that what they find is kept.
  const workers = Array.from({length: jobs}, () => work().catch((error: unknown) => (failed ??= {error})))
  await Promise.all(workers)
  if (failed) throw failed.error
  task.end()
  return audited
}

/** As a user would audit this one model. */
function commandFor(model: KnownModel, settings: BenchSettings, out: string): readonly string[] {
  const {mean, std} = ofInput(model, settings)
  return [
    ...['audit', model.path, '--profile', settings.profile, '--seed', `${settings.seed}`],
    ...['--engine', settings.engine],
    ...(settings.calibration === undefined ? [] : ['--calibration', settings.calibration]),
    ...(mean && std ? ['--mean', mean.join(','), '--std', std.join(',')] : []),
    ...['--out', out],
  ]
}

const ofInput = ({sidecar: {mean, std}}: KnownModel, {normalisation}: BenchSettings) =>
  normalisation === 'sidecar' ? {mean, std} : {}

/** Undefined where there is none, or one of an older version or of another shipped calibration: it is made again. */
async function kept(path: string, shipped: string | null): Promise<Report | undefined> {
  try {
    const report = Report.parse(JSON.parse(await readFile(path, 'utf8')))
    const {id} = report.calibration
    return shipped === null || id === null || id === shipped ? report : undefined
  } catch {
    return undefined
  }
}

const withName = (error: unknown, name: string): AbdError =>
  new AbdError({
    code: 'E_AUDIT',
    exit: error instanceof AbdError ? error.exit : 4,
    message: `${name}: ${(error as Error).message}`,
    hints: error instanceof AbdError ? error.hints : ['Audit it alone: abd audit FILE'],
    cause: error,
  })

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
