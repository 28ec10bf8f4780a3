export type * from './detector.ts'
export * from './report-schema.ts'
