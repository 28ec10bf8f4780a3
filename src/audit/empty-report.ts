import {VERSION} from '../version.ts'
import type {AuditDeps, AuditOptions} from './audit-file.ts'
import {REPORT_SCHEMA_VERSION} from './report-schema.ts'
import type {Report} from './report-schema.ts'

/** What is known before the file is opened: a report with the verdict `error`, to be filled in. */
export function emptyReport(path: string, options: AuditOptions, {context, now}: AuditDeps): Report {
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    tool: {name: 'abd', version: VERSION},
    model: {
      path,
      sha256: null,
      bytes: null,
      format: null,
      architecture: null,
      classes: null,
      input: null,
      normalisation: null,
      parameters: null,
    },
    verdict: 'error',
    reasons: [],
    advice: [],
    score: null,
    suspectedTarget: null,
    demonstrations: [],
    findings: [],
    transfer: [],
    transferTested: false,
    scan: [],
    limits: [],
    access: accessOf(options),
    plan: {...options.plan, ...options.asked},
    calibration: {id: null, models: 0, smallestP: null, applies: false},
    policy: {source: options.policySource, values: {...options.policy}},
    engine: {name: context.engine.name, version: context.engine.version, device: context.engine.device},
    seed: options.seed,
    started: now().toISOString(),
    seconds: 0,
    illustrations: [],
  }
}

function accessOf({images, data, triggers}: AuditOptions): Report['access'] {
  const access: Report['access'] = []
  if (images !== undefined) access.push('images')
  if (data !== undefined) access.push('data')
  if (triggers.length > 0) access.push('trigger')
  return access.length > 0 ? access : ['none']
}
