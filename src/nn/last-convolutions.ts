import type {Layout} from './architecture.ts'

/**
 * Names of the last `count` convolutions' filters, in state-dict order; a negative `count` gives the first ones, 0
 * none. Chosen by kind of layer, not by its name as the reference implementation does (which finds none in a VGG);
 * those with one input channel, depth-wise ones too, are passed over: there is nothing to shuffle.
 */
export function lastConvolutions({parameters}: Layout, count: number): string[] {
  const names = [...parameters]
    .filter(([, {role, shape}]) => role === 'convolution' && (shape[1] ?? 0) > 1)
    .map(([name]) => name)
  if (count === 0) return []
  return count < 0 ? names.slice(0, -count) : names.slice(-count)
}
