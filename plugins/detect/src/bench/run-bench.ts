import {readCalibration} from '@abd/core/audit'
import {isSameFile, usageError} from '@abd/core'
import {ensureWritable, writeOutputs} from '@abd/core/report'
import {sha256OfFile} from '@abd/core/modelfile'
import {join} from 'node:path'
import {auditModels} from './audit-models.ts'
import type {Audited, AuditingOptions} from './audit-models.ts'
import {findModels} from './find-models.ts'
import {mergeBenches, readBench, SCHEMA_VERSION} from './merge-benches.ts'
import type {BenchPart, Terms} from './merge-benches.ts'
import type {Outcome} from './outcome.ts'
import {renderBenchPage} from './render-bench-page.ts'
import {isPoisoned, kindOf} from './sidecar.ts'
import {probabilityOf, summariseBench} from './summarise-bench.ts'
import type {BenchSummary} from './summarise-bench.ts'

export interface Bench {
  readonly schemaVersion: typeof SCHEMA_VERSION
  readonly terms: Terms
  readonly summary: BenchSummary
  readonly models: readonly Outcome[]
}

export interface Benched extends Bench {
  readonly unknown: readonly string[]
  /** A sentence for each model whose sidecar cannot be true of it. */
  readonly contradicted: readonly string[]
  /** Audits that were there from a run before. */
  readonly reused: number
  /** Models that were audited elsewhere. */
  readonly merged: number
  readonly files: readonly string[]
}

export interface BenchOptions extends AuditingOptions {
  /** Files `bench.json` of other runs, whose models count as well. */
  readonly merge: readonly string[]
}

/**
 * What `abd detect bench` does: audits every known model of a folder, and tells how well the audit knows clean from poisoned,
 * with what `merge` has of other models; without a folder of that alone.
 * Writes `bench.json`, `bench.html` and `trojai.csv` into `folder`. Throws what `findModels`, `auditModels`, `readBench` and
 * `mergeBenches` throw, E_OUT_UNWRITABLE and E_DISK_FULL.
 */
export async function runBench(directory: string | undefined, options: BenchOptions): Promise<Benched> {
  const {settings, folder, version} = options
  const written = join(folder, 'bench.json')
  for (const path of options.merge)
    if (await isSameFile(path, written))
      throw usageError({
        code: 'E_BENCH',
        message: `${path} would be overwritten by what it is merged into.`,
        hints: ['Name another folder with --out.'],
      })
  const others = await Promise.all(options.merge.map(readBench))
  const {models, unknown} = directory === undefined ? {models: [], unknown: []} : await findModels(directory)
  const {calibration, ...asked} = settings
  const own: BenchPart = {
    path: 'this run',
    terms: {...asked, calibration: await calibrationNamed(calibration), version},
    models: [],
  }
  const parts = directory === undefined ? others : [own, ...others]
  // Before anything is audited that could not be put together.
  mergeBenches(parts)
  await ensureWritable(folder)
  if (models.length > 0) for (const part of ['audits', 'reports']) await ensureWritable(join(folder, part))
  const audited = await auditModels(models, options)
  const outcomes = mergeBenches(
    parts.map((part) => (part === own ? {...own, models: audited.map(outcomeOf)} : part)),
  )
  const {terms} = parts[0]!
  const summary = summariseBench(outcomes)
  const bench: Bench = {schemaVersion: SCHEMA_VERSION, terms, summary, models: outcomes}
  const texts = {
    'bench.json': `${JSON.stringify(bench, null, 2)}\n`,
    'bench.html': renderBenchPage(summary, outcomes, {
      title: `How well audits tell ${outcomes.length} models apart`,
      byline: `abd ${terms.version}, profile ${terms.profile}, seed ${terms.seed}`,
      audited: new Set(models.map(({name}) => name)),
    }),
    'trojai.csv': trojai(outcomes),
  }
  const files = await writeOutputs(folder, texts)
  const contradicted = audited.flatMap(contradictionOf)
  return {
    ...bench,
    unknown,
    contradicted,
    reused: audited.filter(({reused}) => reused).length,
    merged: outcomes.length - new Set(audited.map(({sha256}) => sha256)).size,
    files,
  }
}

/** The shipped one by its id; another also by its content, since every user's may have the same id. */
async function calibrationNamed(path: string | undefined): Promise<string> {
  const {id} = await readCalibration(path)
  return path === undefined ? id : `${id ?? 'unnamed'} ${(await sha256OfFile(path)).slice(0, 12)}`
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

const outcomeOf = ({model: {name, sidecar}, sha256, report}: Audited): Outcome => ({
  name,
  sha256,
  attack: sidecar.attack,
  target: sidecar.attack === 'clean' ? null : (sidecar.target ?? null),
  kind: kindOf(sidecar),
  input: report.model.input,
  architecture: report.model.architecture ?? sidecar.arch ?? 'unknown',
  dataset: sidecar.dataset ?? null,
  verdict: report.verdict,
  score: report.score,
  suspectedTarget: report.suspectedTarget,
  engine: report.engine?.name ?? null,
  seconds: report.seconds,
  statistics: Object.fromEntries(
    report.findings.flatMap(({detector, statistic}) =>
      statistic === null ? [] : [[detector, statistic] as const],
    ),
  ),
})
