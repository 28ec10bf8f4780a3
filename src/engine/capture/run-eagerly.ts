import type {Capture} from '../engine.ts'

/** For engines without graphs, and where none are wanted. */
export const runEagerly = (): Capture => ({run: (step) => step(), [Symbol.dispose]() {}})
