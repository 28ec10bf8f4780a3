import type {Random} from '@abd/core/engine'

/** Classes that images are to be of, uniform and sorted, so that a sheet of them is easy to look at. */
export const drawClasses = (count: number, classes: number, random: Random): Int32Array =>
  Int32Array.from({length: count}, () => random.integer(classes)).sort()
