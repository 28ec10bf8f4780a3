import {createHash} from 'node:crypto'
import type {Artifact, Log, ReportingDescriptor, Result} from 'sarif'
import type {Report, ScanFinding} from '../audit/report-schema.ts'
import {sarifRules, verdictRuleIds} from './sarif-rules.ts'
import {visible} from './visible.ts'

/** What SARIF shows of a report; a scan alone has as much. */
export type SarifSource = Pick<
  Report,
  'tool' | 'verdict' | 'reasons' | 'scan' | 'suspectedTarget' | 'score'
> & {readonly model: Pick<Report['model'], 'path' | 'sha256' | 'bytes'>}

/**
 * SARIF 2.1.0, one run: a result for every scan finding and for every verdict that is not a pass, on the model's file.
 * Files that passed are artifacts without a result, because code scanning shows every result as an alert.
 */
export function renderSarif(reports: readonly SarifSource[]): string {
  // The schema wants each artifact once, even where a file was audited twice.
  const keys = reports.map((report) => JSON.stringify(artifactOf(report)))
  const artifacts = [...new Set(keys)]
  const found = reports.flatMap((report, i) =>
    findingsOf(report).map((finding) => ({report, artifact: artifacts.indexOf(keys[i] ?? ''), finding})),
  )
  const rules = sarifRules([...new Set(found.map(({finding}) => finding.rule))])
  const results = found.map(({report, artifact, finding}) => resultOf(report, artifact, finding, rules))
  const failed = reports.filter(({verdict}) => verdict === 'error')
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {driver: {name: 'abd', version: visible(reports[0]?.tool.version ?? 'unknown'), rules}},
        invocations: [
          {
            executionSuccessful: failed.length === 0,
            toolExecutionNotifications: failed.map((report) => ({
              level: 'error',
              message: {text: plain(report.reasons.join(' ') || 'The file could not be audited.')},
              locations: [{physicalLocation: {artifactLocation: locationOf(report.model.path)}}],
            })),
          },
        ],
        artifacts: artifacts.map((artifact) => JSON.parse(artifact) as Artifact),
        results,
        columnKind: 'utf16CodeUnits',
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

interface Found {
  readonly rule: string
  readonly level: 'error' | 'warning' | 'note'
  readonly message: string
  readonly offset: number | null
}

const levels: Readonly<Record<ScanFinding['severity'], Found['level']>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
}

function findingsOf(report: SarifSource): readonly Found[] {
  const scanned = report.scan.map(({rule, severity, message, offset}): Found => ({
    rule,
    level: levels[severity],
    message,
    offset,
  }))
  const {verdict, reasons} = report
  if (verdict === 'pass' || verdict === 'skipped') return scanned
  const judged: Found = {
    rule: verdictRuleIds[verdict],
    level: verdict === 'review' ? 'warning' : 'error',
    message: reasons.join(' ') || `The verdict is ${verdict}.`,
    offset: null,
  }
  return [judged, ...scanned]
}

function resultOf(
  report: SarifSource,
  artifact: number,
  {rule, level, message, offset}: Found,
  rules: readonly ReportingDescriptor[],
): Result {
  const {model, suspectedTarget, score} = report
  const location = locationOf(model.path)
  // The file's hash is part of it: an alert that was dismissed for one model must not hide another one in its place.
  const print = createHash('sha256')
    .update(JSON.stringify([rule, location.uri, model.sha256, message, offset]))
    .digest('hex')
    .slice(0, 32)
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({id}) => id === rule),
    level,
    message: {text: plain(offset === null ? message : `${message} (at byte ${offset})`)},
    // A model has no lines; GitHub asks for one all the same.
    locations: [
      {physicalLocation: {artifactLocation: {...location, index: artifact}, region: {startLine: 1}}},
    ],
    partialFingerprints: {'abdResult/v1': print, primaryLocationLineHash: `${print.slice(0, 16)}:1`},
    properties: {
      ...(model.sha256 === null ? {} : {sha256: model.sha256}),
      ...(suspectedTarget === null ? {} : {suspectedTarget}),
      ...(score === null ? {} : {score}),
      ...(offset === null ? {} : {byteOffset: offset}),
    },
  }
}

const artifactOf = ({model, verdict}: SarifSource): Artifact => ({
  location: locationOf(model.path),
  roles: ['analysisTarget'],
  ...(model.bytes === null ? {} : {length: model.bytes}),
  ...(model.sha256 === null ? {} : {hashes: {'sha-256': model.sha256}}),
  properties: {verdict},
})

/** A percent-encoded URI: relative to the repository for a relative path, `file:` for an absolute one. */
function locationOf(path: string): {uri: string; uriBaseId?: string} {
  const windows = /^[A-Za-z]:[\\/]/.test(path)
  const segments = path
    .toWellFormed()
    .replaceAll('\\', windows ? '/' : '\\')
    .split('/')
    .map(encodeURIComponent)
  if (windows) return {uri: `file:///${segments.join('/').replace('%3A', ':')}`}
  return path.startsWith('/')
    ? {uri: `file://${segments.join('/')}`}
    : {uri: segments.join('/'), uriBaseId: '%SRCROOT%'}
}

/** Text without what SARIF reads as a link (`[text](target)`) or a placeholder (`{0}`). */
const plain = (text: string): string =>
  visible(text)
    .replace(/[[\]]/g, '\\$&')
    .replace(/\{(\d+)\}/g, '{{$1}}')
