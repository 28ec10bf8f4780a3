import {environmentError, usageError} from '@abd/core'
import type {Images, Trigger} from '@abd/core/data'
import {readNpyImages} from '@abd/core/data'

/** Throws E_OPTIONS where an attack poisons with images of the user's and none are named. */
export function checkSubstitutes({name, substitutes}: Trigger): void {
  if (substitutes !== null) return
  throw usageError({
    code: 'E_OPTIONS',
    message: `The trigger ${name} poisons with adversarial images, and none are given.`,
    hints: [
      `Name them: --set ${name}.adversarial=FILE.npy, an image for each of the training set, in its order.`,
      'Without them, as a dirty-label attack, there is: --trigger badnet_grid',
    ],
  })
}

/**
 * The images that a clean-label attack stamps in place of the training set's, one for each, in the set's given order;
 * undefined where the attack stamps the set's own. Throws E_DATA and E_FILE_MISSING, and as `checkSubstitutes`.
 */
export async function loadSubstitutes(
  trigger: Trigger,
  {count, height, width, channels}: Images,
): Promise<Images | undefined> {
  checkSubstitutes(trigger)
  const {substitutes} = trigger
  if (substitutes == null) return undefined
  const images = await readNpyImages(substitutes)
  const sizes = [images, {count, height, width, channels}].map(
    (set) => `${set.count} images of ${set.height}x${set.width}x${set.channels}`,
  )
  if (sizes[0] === sizes[1]) return images
  throw environmentError({
    code: 'E_DATA',
    message: `${substitutes} holds ${sizes[0]}, but the training set has ${sizes[1]}.`,
    hints: ['Give the adversarial images of this data set, all of them, in its order.'],
  })
}
