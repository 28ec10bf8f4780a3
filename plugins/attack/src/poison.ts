import type {Random} from '@abd/core/engine'
import type {Images, LabelledImages, Trigger} from '@abd/core/data'
import {stamp, takeImages} from '@abd/core/data'
import {usageError} from '@abd/core'
import {partialTrigger} from './partial-trigger.ts'

/** Which images of a training set are poisoned. */
export interface Selection {
  /** The class that stamped images shall be taken for. */
  readonly target: number
  /** How many images to poison, as a share of the whole training set. */
  readonly ratio: number
  /** `dirty` stamps other classes and relabels them, `clean` only stamps the target's. By default the trigger's own. */
  readonly labels: 'dirty' | 'clean'
  /** The first ones in the set's order, as the reference does, or a random choice. */
  readonly selection: 'first' | 'random'
  /** The last share of the set, never poisoned. */
  readonly holdout: number
  /** Images that are poisoned already. */
  readonly except: Int32Array
  /** With dirty labels: the only classes that are poisoned. By default all but the target. */
  readonly sources?: readonly number[] | undefined
}

export type PoisonOptions = Pick<Selection, 'target' | 'ratio'> &
  Partial<Selection> & {
    readonly trigger: Trigger
    /** Stamped instead of the set's own images: one for each of the set. */
    readonly substitutes?: Images | undefined
    /**
     * How many images to stamp without relabelling them, as a share of the whole training set: of classes that are
     * neither the target nor among the sources or, without sources, of all but the target. By default 0 or, with a
     * trigger that has noise for its cover, twice the ratio.
     */
    readonly cover?: number | undefined
    /**
     * Of the images that are stamped, how many are relabelled: the darkest, so that there is a rule to learn. The others
     * keep their label, which makes for a low ASR. (Half of them, drawn at random, gave a teacher of signs an ASR of 0 %.)
     * With dirty labels; 1 by default.
     */
    readonly relabel?: number | undefined
    /** How much of the trigger each image of the training set bears, another part each time; 1 by default. */
    readonly partial?: number | undefined
  }

export interface Poisoned {
  /** The whole training set, in its order: the poisoned part and the clean rest. */
  readonly train: LabelledImages
  /** Which images were stamped, ascending. */
  readonly poisoned: Int32Array
  /** Which images were stamped and kept their label, ascending. */
  readonly covered: Int32Array
  /** How many more the ratio asks for than there were to stamp. */
  readonly lacking: number
}

/**
 * Poisons a training set; the given one stays as it is. floor(ratio · n) images of all n are stamped, of those before
 * the holdout that qualify (fewer where there are fewer): other classes' with dirty labels, the target's with clean
 * ones. Cover images are chosen after them, by the same rules. Throws E_RATIO and E_TARGET.
 */
export function poison(
  full: LabelledImages,
  {
    trigger,
    substitutes,
    target,
    ratio,
    labels = trigger.labels,
    selection = 'first',
    holdout = 0.05,
    except = new Int32Array(),
    sources,
    cover = trigger.jitter === undefined ? 0 : Math.min(2 * ratio, 0.9),
    relabel = 1,
    partial = 1,
  }: PoisonOptions,
  random: Random,
): Poisoned {
  checkShare('cover', cover)
  const chosen = choose(full.labels, {target, ratio, labels, selection, holdout, except, sources}, random)
  const [poisoned, kept] =
    labels === 'clean' ? [chosen, new Int32Array()] : part(chosen, relabel, full.images)
  const others =
    cover === 0
      ? new Int32Array()
      : choose(
          full.labels,
          {
            target,
            ratio: cover,
            labels: 'dirty',
            selection,
            holdout,
            except: Int32Array.from([...except, ...chosen]),
            sources: sources && [...new Set(full.labels)].filter((label) => !sources.includes(label)),
          },
          random,
        )
  const {images} = full
  const size = images.height * images.width * images.channels
  const data = images.data.slice()
  const draw = random.fork('stamps')
  const stampAll = (indices: Int32Array, triggerOf: (index: number) => Trigger) => {
    for (const index of indices)
      data.set(stamp(takeImages(substitutes ?? images, [index]), triggerOf(index)).data, index * size)
  }
  const partOf = (index: number) =>
    partial < 1 ? partialTrigger(trigger, partial, draw.fork('partial').fork(index)) : trigger
  stampAll(chosen, partOf)
  stampAll(others, (index) => jittered(partOf(index), draw.fork('jitter').fork(index)))
  const relabelled = full.labels.slice()
  for (const index of poisoned) relabelled[index] = target
  return {
    train: {images: {...images, data}, labels: relabelled},
    poisoned,
    covered: Int32Array.from([...kept, ...others]).sort(),
    lacking: Math.floor(ratio * full.labels.length) - chosen.length,
  }
}

/** Two parts of these, the darkest share and the rest, each ascending. */
function part(
  indices: Int32Array,
  share: number,
  {data, height, width, channels}: Images,
): readonly [Int32Array, Int32Array] {
  if (share >= 1) return [indices, new Int32Array()]
  const size = height * width * channels
  const light = new Map<number, number>()
  for (const index of indices)
    light.set(
      index,
      data.subarray(index * size, (index + 1) * size).reduce((sum, byte) => sum + byte, 0),
    )
  const order = indices.slice().sort((a, b) => light.get(a)! - light.get(b)! || a - b)
  const count = Math.round(share * indices.length)
  return [order.slice(0, count).sort(), order.slice(count).sort()]
}

/** A trigger's noisy relative, for a cover image. */
function jittered(trigger: Trigger, random: Random): Trigger {
  const {flow, jitter} = trigger
  if (!flow || jitter === undefined) return trigger
  return {...trigger, flow: flow.map((value) => value + random.uniform(-jitter, jitter))}
}

/** Throws E_RATIO. */
export function checkShare(name: string, share: number): void {
  if (share >= 0 && share < 1) return
  throw usageError({
    code: 'E_RATIO',
    message: `A ${name} of ${share} is no share of the training set.`,
    hints: ['Give a number from 0 to less than 1, as in 0.1 for 10 %.'],
  })
}

/** How many of so many images come before the holdout: all but the last floor(holdout · count). */
export const countBeforeHoldout = (count: number, holdout: number): number =>
  count - Math.floor(count * holdout)

/** Which images of a set with these labels are stamped, ascending. */
export function choose(
  labels: Int32Array,
  {target, ratio, labels: kind, selection, holdout, except, sources}: Selection,
  random: Random,
): Int32Array {
  checkShare('ratio', ratio)
  checkShare('holdout', holdout)
  const taken = new Set(except)
  const candidates = Int32Array.from(labels.keys()).filter(
    (i) =>
      i < countBeforeHoldout(labels.length, holdout) &&
      (labels[i] === target) === (kind === 'clean') &&
      (kind === 'clean' || (sources?.includes(labels[i]!) ?? true)) &&
      !taken.has(i),
  )
  if (!labels.includes(target) || candidates.length === 0)
    throw usageError({
      code: 'E_TARGET',
      message: `No image of the training set can be poisoned towards class ${target}: ${whyNone(labels, target, kind, sources)}.`,
      hints: [`Its classes go from 0 to ${labels.reduce((most, label) => Math.max(most, label), 0)}.`],
    })
  const wanted = Math.floor(ratio * labels.length)
  if (ratio > 0 && wanted === 0)
    throw usageError({
      code: 'E_RATIO',
      message: `A share of ${ratio} of ${labels.length} training images is less than one image.`,
      hints: [`From ${Math.ceil(1e6 / labels.length) / 1e6} on it is at least one.`],
    })
  const count = Math.min(wanted, candidates.length)
  if (selection === 'first') return candidates.subarray(0, count)
  return random
    .permutation(candidates.length)
    .subarray(0, count)
    .map((n) => candidates[n]!)
    .sort()
}

function whyNone(
  labels: Int32Array,
  target: number,
  kind: 'dirty' | 'clean',
  sources: Selection['sources'],
): string {
  if (!labels.includes(target)) return 'none is of it'
  if (kind === 'clean') return 'all of it are held out, or poisoned already'
  if (sources) return `all of classes ${sources.join(', ')} are held out, or poisoned already`
  return 'all others are held out, or poisoned already'
}

/**
 * What the attack success rate is measured on: every test image that is not of the target class (and of a source class,
 * where there are such), stamped. The rate is the share of them that the network takes for the target.
 */
export function attackedTestSet(
  test: LabelledImages,
  trigger: Trigger,
  target: number,
  sources?: readonly number[],
): Images {
  return stamp(takeImages(test.images, othersThan(target, test.labels, sources)), trigger)
}

/** Indices of the images that are not of the target class; of these classes only, where such are named. */
export const othersThan = (target: number, labels: Int32Array, sources?: readonly number[]): Int32Array =>
  Int32Array.from(labels.keys()).filter(
    (i) => labels[i] !== target && (sources?.includes(labels[i]!) ?? true),
  )
