export type * from './detector.ts'
export * from './report-schema.ts'
export {Card, cardPath, parseCard, readCard, writeCard} from './card.ts'
export {DEFAULT_POLICY_FILE, parsePolicy, Policy, readPolicy} from './policy.ts'
