import {usageError, nearest} from '@abd/core'
import type {Random} from '@abd/core/engine'
import {checkInput} from '@abd/core/audit'
import {readNpy} from '@abd/core/data'

const words = ['auto', 'given', 'shuffled'] as const

/** How the training set is ordered before "the first n" of it are poisoned and its end is held out. */
export type Order = (typeof words)[number] | {readonly path: string; readonly indices: Int32Array}

/**
 * `auto` (shuffled where the images come class by class, as in a folder or GTSRB; else as given), `given`, `shuffled`, or
 * the .npy of a stored permutation. Throws E_ORDER for another word and for an array that is no permutation, E_PATH and
 * E_DATA.
 */
export async function parseOrder(text: string): Promise<Order> {
  const word = words.find((known) => known === text)
  if (word) return word
  if (!/\.npy$/i.test(text)) {
    const close = nearest(text, words)
    throw usageError({
      code: 'E_ORDER',
      message: `--order ${text}: there is no such order.`,
      hints: [close ? `Did you mean '${close}'?` : `Give ${words.join(', ')} or the .npy of a permutation.`],
    })
  }
  checkInput('--order', text)
  const {shape, data, real} = await readNpy(text)
  const seen = new Uint8Array(data.length)
  for (const index of data) if (index >= 0 && index < data.length) seen[index] = 1
  if (real || shape.length !== 1 || seen.includes(0))
    throw usageError({
      code: 'E_ORDER',
      message: `--order ${text} is no permutation: an array of ${shape.join('x')}.`,
      hints: [
        'Save each of 0 … n-1 once, as whole numbers: numpy.save("order.npy", numpy.random.permutation(n)).',
      ],
    })
  return {path: text, indices: Int32Array.from(data)}
}

/**
 * Where each image of the ordered set comes from; undefined where the order is the given one. A shuffled one depends on
 * the seed alone. Throws E_ORDER where a stored permutation is of another length.
 */
export function orderOf(order: Order, labels: Int32Array, random: Random): Int32Array | undefined {
  if (typeof order === 'object') {
    if (order.indices.length === labels.length) return order.indices
    throw usageError({
      code: 'E_ORDER',
      message: `--order ${order.path} orders ${order.indices.length} images, but the training set has ${labels.length}.`,
      hints: ['Give the permutation of this data set.'],
    })
  }
  return order === 'shuffled' || (order === 'auto' && isByClass(labels))
    ? random.fork('order').permutation(labels.length)
    : undefined
}

/** Do the images come class by class, in rising order, several of at least one? */
function isByClass(labels: Int32Array): boolean {
  return labels[0] !== labels.at(-1) && labels.every((label, i) => i === 0 || label >= labels[i - 1]!)
}
