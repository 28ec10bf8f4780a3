import type {Architecture} from '../nn/architecture.ts'
import type {CalibrationModel} from './calibration.ts'

/**
 * What the clean models at hand have in common with the model: `kind`, the architecture, the channels, the number of classes and
 * about the size of images; `related`, the channels, about the size and half to twice as many classes; `unlike`, nothing that is known.
 */
export const likenesses = ['kind', 'related', 'unlike'] as const
export type Likeness = (typeof likenesses)[number]

/** Below so many clean models with its statistic a detector has no null: the best of so few is nothing out of the ordinary. */
export const LEAST_FOR_NULL = 10

/** With fewer no p-value could ask for a review: 1 / (18 + 1) > 0.05. */
export const LEAST_FOR_FUSION = 19

/** What the report says of it where no clean models of the kind are at hand. */
export function ofOthers(
  likeness: Exclude<Likeness, 'kind'>,
  {name, classes, input}: Architecture,
  models: readonly CalibrationModel[],
): string {
  const own = `A ${name} of ${classes} classes with input ${input.join('x')}`
  const names = [...new Set(models.map((one) => `${one.architecture} of ${one.classes} classes`))].join(', ')
  return likeness === 'related'
    ? `${own} is ranked among other architectures and numbers of classes: the calibration has too few of its kind that have every signal taken together. Such a p is approximate, and blocks nothing by itself.`
    : `${own} is unlike the calibration's models (${names || 'there are none'}).`
}

/** Sides up to so many times as long are alike: what is stamped on images and made of them is as large in proportion. */
const SIDE = 1.2

/** Half to twice as many classes: statistics are those of the most suspicious class, of how many hardly matters. */
const CLASSES = 2

/**
 * The clean models that are most like a network, if there are enough of them. `ranks` says which have every statistic that may be
 * put together: a kind that lacks one would be ranked by the others alone, and gives way to related models that have it.
 */
export function likest(
  models: readonly CalibrationModel[],
  {name, classes, input: [height, width, channels]}: Architecture,
  ranks: (model: CalibrationModel) => boolean,
): {readonly likeness: Likeness; readonly models: readonly CalibrationModel[]} {
  const isWithin = (times: number, one: number, other: number) =>
    Math.max(one, other) <= times * Math.min(one, other)
  const related = models.filter(
    (one) =>
      one.input[2] === channels &&
      isWithin(SIDE, one.input[0], height) &&
      isWithin(SIDE, one.input[1], width) &&
      isWithin(CLASSES, one.classes, classes),
  )
  const kind = related.filter((one) => one.architecture === name && one.classes === classes)
  const enough = (of: readonly CalibrationModel[]) => of.filter(ranks).length >= LEAST_FOR_FUSION
  if (enough(kind)) return {likeness: 'kind', models: kind}
  if (enough(related)) return {likeness: 'related', models: related}
  if (kind.length >= LEAST_FOR_FUSION) return {likeness: 'kind', models: kind}
  if (related.length >= LEAST_FOR_FUSION) return {likeness: 'related', models: related}
  if (kind.length >= LEAST_FOR_NULL) return {likeness: 'kind', models: kind}
  return {likeness: 'unlike', models}
}
