export type * from './engine.ts'
export type * from './random.ts'
