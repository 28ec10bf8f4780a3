export type * from './architecture.ts'
export type * from './model.ts'
