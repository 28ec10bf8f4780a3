import type {Method} from './method.ts'

/** What can be set of a method whose options are an object's; of others nothing is known. */
export const optionNames = ({options}: Pick<Method, 'options'>): readonly string[] =>
  Object.keys((options as {shape?: object}).shape ?? {})
