import type {Context} from '../context.ts'
import {usageError} from '../errors.ts'
import type {ImageShape} from '../method.ts'
import type {LabelledImages} from './images.ts'
import {resizeImages} from './resize-images.ts'
import {demoSignClasses, signClasses} from './sign-classes.ts'
import {loadSigns} from './signs.ts'
import {withChannels} from './with-channels.ts'

/**
 * Rendered signs to measure a network on, in its shape: of the traffic signs that its labels name, else of the ten or of
 * all, as many as it has classes. Throws E_CLASSES where none of these fits.
 */
export async function testSigns(
  {
    labels,
    classes,
    shape,
  }: {readonly labels: readonly string[] | undefined; readonly classes: number; readonly shape: ImageShape},
  context: Pick<Context, 'progress' | 'signal'>,
): Promise<LabelledImages> {
  const {test} = await loadSigns({classes: signsOf(labels, classes), perClass: 1}, context)
  return {images: resizeImages(withChannels(test.images, shape.channels), shape), labels: test.labels}
}

function signsOf(labels: readonly string[] | undefined, classes: number): readonly number[] {
  const named = labels?.map((label) => signClasses.findIndex(({name}) => name === label))
  if (named?.length === classes && !named.includes(-1)) return named
  if (classes === demoSignClasses.length) return demoSignClasses
  if (classes === signClasses.length) return [...signClasses.keys()]
  throw usageError({
    code: 'E_CLASSES',
    message: `The model has ${classes} classes, and its card does not say which traffic signs they are.`,
    hints: ["Give the model's own test images as --data PATH."],
  })
}
