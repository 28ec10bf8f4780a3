import {Verdict} from '../../../src/audit/report-schema.ts'
import type {Report} from '../../../src/audit/report-schema.ts'
import {AbdError, usageError} from '../../../src/errors.ts'
import {openMlflow} from '../../../src/track/client/mlflow-client.ts'
import {TrackingError} from '../../../src/track/client/tracking-error.ts'
import {findVersion} from '../../../src/track/registry/find-version.ts'
import {parseModelAddress} from '../../../src/track/registry/model-address.ts'
import type {TrackingSettings} from '../../../src/track/settings.ts'
import {PASSED, policyHash} from '../../../src/track/registry/verdict-of.ts'
import {unseenReport} from '../audit/error-report.ts'
import type {Settings} from '../audit/error-report.ts'

interface RegistryOptions {
  /** What a report says of the gate. */
  readonly settings: Settings
  note(line: string): void
  readonly now: () => Date
}

/**
 * What MLflow's registry says of versions that abd audited before: the tag `abd.verdict`, as a report. Nothing is audited
 * here; a version without a verdict, or with one by another policy, is an error. A bare name asks for the version with the
 * alias `audit-passed`. Throws E_MODEL_ADDRESS for what is no version.
 */
export async function reportsFromRegistry(
  addresses: readonly string[],
  server: TrackingSettings,
  {settings, note, now}: RegistryOptions,
): Promise<Report[]> {
  await using client = await openMlflow(server, {
    onRetry: ({message}, seconds) => note(`${message} Trying again in ${Math.ceil(seconds)} s.`),
  })
  const reports: Report[] = []
  for (const given of addresses) {
    const address = addressOf(given)
    const draft = unseenReport(given, settings, now)
    try {
      const {name, version, tags} = await findVersion(address, client)
      const of = new Map(Object.entries(tags))
      reports.push({
        ...draft,
        ...judged(of, {name: `models:/${name}/${version}`, policy: policyHash(settings.policy)}),
        model: {...draft.model, path: `models:/${name}/${version}`, sha256: sha256Of(of)},
      })
    } catch (error) {
      if (!(error instanceof TrackingError) && !(error instanceof AbdError)) throw error
      const hints = error instanceof AbdError ? error.hints : []
      reports.push({...draft, reasons: [error.message], advice: [...hints], limits: [UNKNOWN]})
    }
  }
  return reports
}

const UNKNOWN = 'Nothing is known of this version: an error is not a pass.'

function addressOf(given: string) {
  const address = parseModelAddress(given) ?? {kind: 'alias' as const, name: given, alias: PASSED}
  if (address.kind === 'run' || address.kind === 'logged')
    throw usageError({
      code: 'E_MODEL_ADDRESS',
      message: `registry-model: ${given} is no version of a registered model.`,
      hints: ['Known: NAME, models:/NAME/VERSION, models:/NAME@ALIAS, models:/NAME/latest'],
    })
  return {path: '', ...address}
}

function judged(
  tags: ReadonlyMap<string, string>,
  {name, policy}: {readonly name: string; readonly policy: string},
): Pick<Report, 'verdict' | 'reasons' | 'advice' | 'limits'> {
  const again = [`Audit it: abd audit ${name}`]
  const unknown = (reason: string) => ({
    verdict: 'error' as const,
    reasons: [reason],
    advice: again,
    limits: [UNKNOWN],
  })
  // 'skipped' is what a gate says of nothing, not abd of a version.
  const verdict = Verdict.exclude(['skipped']).safeParse(tags.get('abd.verdict'))
  if (!verdict.success) return unknown('The registry holds no verdict of abd on this version.')
  if (tags.get('abd.policy_sha256') !== policy)
    return unknown(`The verdict in the registry (${verdict.data}) is by another policy than the one here.`)
  return {
    verdict: verdict.data,
    reasons:
      verdict.data === 'pass'
        ? []
        : [`The registry says ${verdict.data}; the version's description says why.`],
    advice: verdict.data === 'pass' ? [] : again,
    limits: [
      `Nothing was audited now: this is the verdict of ${tags.get('abd.at') ?? 'an unknown day'}, by abd ${tags.get('abd.version') ?? 'of an unknown version'}.`,
    ],
  }
}

const sha256Of = (tags: ReadonlyMap<string, string>): string | null => {
  const text = tags.get('abd.model_sha256')
  return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : null
}
