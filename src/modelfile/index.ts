export type * from './state-dict.ts'
