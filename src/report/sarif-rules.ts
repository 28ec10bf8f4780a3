import type {ReportingDescriptor} from 'sarif'
import type {ScanFinding} from '../audit/report-schema.ts'
import {scanRules} from '../modelfile/scan-rules.ts'
import {verdictWords} from './verdict-words.ts'

/** Never reused and never given a new meaning. */
export const verdictRuleIds = {block: 'ABD-V001', review: 'ABD-V002', error: 'ABD-V003'} as const

interface Rule {
  readonly id: string
  readonly severity: ScanFinding['severity']
  readonly title: string
  readonly help: string
}

const verdictRules: readonly Rule[] = [
  {
    id: verdictRuleIds.block,
    severity: 'critical',
    title: 'The model is blocked',
    help: `${verdictWords.block.sentence} The report tells why.`,
  },
  {
    id: verdictRuleIds.review,
    severity: 'medium',
    title: 'The model needs a review',
    help: `${verdictWords.review.sentence} The report tells why.`,
  },
  {
    id: verdictRuleIds.error,
    severity: 'high',
    title: 'The model could not be audited',
    help: verdictWords.error.sentence,
  },
]

const known = new Map([...verdictRules, ...Object.values<Rule>(scanRules)].map((rule) => [rule.id, rule]))

/** What a code-scanning page shows of a rule. A report of another version may name rules that this one does not know. */
export const sarifRules = (ids: readonly string[]): ReportingDescriptor[] =>
  ids.map((id) =>
    descriptor(
      known.get(id) ?? {id, severity: 'medium', title: 'Found in a model file', help: 'See the report.'},
    ),
  )

/** GitHub's scale: above 9 critical, from 7 high, from 4 medium. */
const securitySeverity = {critical: '9.5', high: '8.0', medium: '5.5', low: '3.0', info: undefined} as const
const level = {critical: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note'} as const

const descriptor = ({id, severity, title, help}: Rule): ReportingDescriptor => ({
  id,
  shortDescription: {text: title},
  fullDescription: {text: help},
  help: {text: help},
  defaultConfiguration: {level: level[severity]},
  properties: {
    tags: ['security', 'machine-learning'],
    precision: 'high',
    ...(securitySeverity[severity] === undefined ? {} : {'security-severity': securitySeverity[severity]}),
  },
})
