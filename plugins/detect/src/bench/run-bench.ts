import {ensureWritable, writeOutputs} from '@abd/core/report'
import {join} from 'node:path'
import {auditModels} from './audit-models.ts'
import type {Audited, AuditingOptions, BenchSettings} from './audit-models.ts'
import {findModels} from './find-models.ts'
import {renderBenchPage} from './render-bench-page.ts'
import {isPoisoned, kindOf} from './sidecar.ts'
import {probabilityOf, summariseBench} from './summarise-bench.ts'
import type {BenchSummary, Outcome} from './summarise-bench.ts'

export interface Bench {
  readonly schemaVersion: 1
  readonly settings: BenchSettings
  readonly summary: BenchSummary
  readonly models: readonly Outcome[]
}

export interface Benched extends Bench {
  readonly unknown: readonly string[]
  /** A sentence for each model whose sidecar cannot be true of it. */
  readonly contradicted: readonly string[]
  /** Audits that were there from a run before. */
  readonly reused: number
  readonly files: readonly string[]
}

/**
 * What `abd detect bench` does: audits every known model of a folder, and tells how well the audit knows clean from poisoned.
 * Writes `bench.json`, `bench.html` and `trojai.csv` into `folder`. Throws what `findModels` and `auditModels` throw,
 * E_OUT_UNWRITABLE and E_DISK_FULL.
 */
export async function runBench(directory: string, options: AuditingOptions): Promise<Benched> {
  const {models, unknown} = await findModels(directory)
  const {settings, folder, version} = options
  for (const part of ['audits', 'reports']) await ensureWritable(join(folder, part))
  const audited = await auditModels(models, options)
  const outcomes = audited.map(outcomeOf)
  const summary = summariseBench(outcomes)
  const bench: Bench = {schemaVersion: 1, settings, summary, models: outcomes}
  const texts = {
    'bench.json': `${JSON.stringify(bench, null, 2)}\n`,
    'bench.html': renderBenchPage(summary, outcomes, {
      title: `How well audits tell ${models.length} models apart`,
      byline: `abd ${version}, profile ${settings.profile}, seed ${settings.seed}`,
    }),
    'trojai.csv': trojai(outcomes),
  }
  const files = await writeOutputs(folder, texts)
  const contradicted = audited.flatMap(contradictionOf)
  return {...bench, unknown, contradicted, reused: audited.filter(({reused}) => reused).length, files}
}

/** One probability a model, as the TrojAI challenges take it: `id,probability`. */
export const trojai = (outcomes: readonly Outcome[]): string =>
  outcomes.map((one) => `${csvField(one.name)},${probabilityOf(one)}\n`).join('')

const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

function contradictionOf({model: {name, sidecar}, report}: Audited): readonly string[] {
  const {classes} = report.model
  const {target} = sidecar
  return isPoisoned(sidecar) && typeof target === 'number' && classes !== null && target >= classes
    ? [
        `${name}: its sidecar has class ${target} for the target, and the model's classes go from 0 to ${classes - 1}.`,
      ]
    : []
}

const outcomeOf = ({model: {name, sidecar}, report}: Audited): Outcome => ({
  name,
  attack: sidecar.attack,
  target: sidecar.attack === 'clean' ? null : (sidecar.target ?? null),
  kind: kindOf(sidecar),
  input: report.model.input,
  architecture: report.model.architecture ?? sidecar.arch ?? 'unknown',
  dataset: sidecar.dataset ?? null,
  verdict: report.verdict,
  score: report.score,
  suspectedTarget: report.suspectedTarget,
  seconds: report.seconds,
  statistics: Object.fromEntries(
    report.findings.flatMap(({detector, statistic}) =>
      statistic === null ? [] : [[detector, statistic] as const],
    ),
  ),
})
