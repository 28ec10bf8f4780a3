import type {Report} from '../../../src/audit/report-schema.ts'

export const SCANNED_ONLY =
  'Only the file was read (fork-policy: static-only); a backdoor in the weights would not show.'

/** Whether nothing was computed with the weights: such a report says nothing about backdoors. */
export const scannedOnly = ({limits}: Pick<Report, 'limits'>): boolean => limits.includes(SCANNED_ONLY)

/** What has to be read before anything else where files were only scanned; empty where none were. */
export function notAudited(reports: readonly Report[]): string {
  const scanned = reports.filter(scannedOnly).length
  if (scanned === 0) return ''
  return `# Not audited for backdoors: ${scanned} of ${reports.length} models were only scanned\n\nThe pull request comes from a fork, and this runner only reads its files (fork-policy: static-only). **A backdoor in the weights would not show below.**\n\n`
}
