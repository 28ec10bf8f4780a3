import {basename, join} from 'node:path'
import type {Report} from '../../../src/audit/report-schema.ts'
import {environmentError} from '../../../src/errors.ts'
import {recordAudit} from '../../../src/report/record-audit.ts'
import {destinationOf} from '../../../src/track/settings.ts'
import type {TrackingSettings} from '../../../src/track/settings.ts'
import {startTracking} from '../../../src/track/start-tracking.ts'

/** Milliseconds without progress after which a server is given up: a gate is waited for. */
const PATIENCE = 10_000

export interface MlflowOptions {
  readonly settings: TrackingSettings
  /** Experiment and the like, by MLflow's own variables. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** For the journal, which goes with the job. */
  readonly folder: string
  note(line: string): void
  readonly now: () => Date
}

/** One run for the gate, and one below it for each report. Throws E_TRACKING where the server did not take all of it. */
export async function toMlflow(
  reports: readonly Report[],
  {settings, environment, folder, note, now}: MlflowOptions,
): Promise<void> {
  const tracking = await startTracking(
    {
      root: join(folder, 'journal'),
      settings,
      destination: destinationOf(environment),
      name: `gate: ${reports.length === 1 ? basename(reports[0]!.model.path) : `${reports.length} models`}`,
      source: 'abd gate',
      environment: {...environment, MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: 'false'},
    },
    {now: () => now().getTime(), note},
  )
  for (const report of reports) {
    const child = tracking.recorder.child(basename(report.model.path))
    recordAudit(child, report)
    child.end(report.verdict === 'error' ? 'FAILED' : 'FINISHED')
  }
  const {sent} = await tracking.end('FINISHED', {patience: PATIENCE})
  if (!sent)
    throw environmentError({
      code: 'E_TRACKING',
      message: `${settings.uri} did not take all of it.`,
      hints: ['See the lines above, and whether the server can be reached from this runner.'],
    })
}
