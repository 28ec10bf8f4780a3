export type * from './engine.ts'
export {engineNames} from './engine.ts'
export type * from './random.ts'
export {createRandom} from './create-random.ts'
