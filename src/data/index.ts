export type * from './images.ts'
export type * from './trigger.ts'
