import type {Context} from '@abd/core'
import type {Evidence, Observation} from '@abd/core/audit'
import {eligible, largest, movedShares} from '@abd/core/audit'
import {concatImages, takeImages} from '@abd/core/data'
import type {Images} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {illustrateProbe} from '../probes/illustrate-probe.ts'
import type {Probe} from '../probes/probe.ts'
import {logProbabilities} from './log-probabilities.ts'

/** What is refined for one class, and the mean floored log-probability of the class that it leads to. */
export interface Refined<T> {
  readonly target: number
  readonly at: T
  readonly score: number
}

/** An image that a probe does not move at all counts no less than this: one cannot outweigh the others. */
const FLOOR = -8

/** The mean floored log-probability of a class over the images that count; the floor where none does. */
export function meanOf(
  rows: Float32Array,
  {target, classes, counts = () => true}: {target: number; classes: number; counts?: (i: number) => boolean},
): number {
  let [sum, count] = [0, 0]
  for (let i = 0; i < rows.length / classes; i++)
    if (counts(i)) {
      sum += Math.max(FLOOR, rows[i * classes + target]!)
      count++
    }
  return count > 0 ? sum / count : FLOOR
}

/** Log-probabilities under each probe, all in one pass: [images * classes] each. */
export async function underProbes(
  model: Model,
  images: Images,
  probes: readonly Probe[],
): Promise<Float32Array[]> {
  const [first, ...others] = probes.map((probe) => probe.apply(images))
  const all = await logProbabilities(model, concatImages(first!, ...others))
  const size = all.length / probes.length
  return probes.map((_, n) => all.subarray(n * size, (n + 1) * size))
}

/** Which images the model does not put into the class, the first `count` of them; where it puts all there, which are first. */
export function othersOf(predicted: Int32Array, target: number, count: number): number[] {
  const everywhere = [...predicted.keys()]
  const others = everywhere.filter((i) => predicted[i] !== target)
  return (others.length > 0 ? others : everywhere).slice(0, count)
}

export interface Heats<T> {
  /** Classes that are refined at all, and to the end. */
  readonly classes: number
  readonly finalists: number
  /** A third of them for all, the rest for the finalists. */
  readonly rounds: number
  readonly refine: (one: Refined<T>, rounds: {from: number; to: number}) => Promise<Refined<T>>
}

/** Rounds over all that `runHeats` refines. */
export function roundsOf({classes, finalists, rounds}: Omit<Heats<unknown>, 'refine'>, all: number): number {
  const refined = Math.min(classes, all)
  const early = Math.ceil(rounds / 3)
  return refined * early + Math.min(finalists, refined) * (rounds - early)
}

/** Refines the best classes for a third of the rounds and the best of these for the rest, so that no time is lost on hopeless ones. */
export async function runHeats<T>(
  starts: readonly Refined<T>[],
  {classes, finalists, rounds, refine}: Heats<T>,
): Promise<Refined<T>[]> {
  const early = Math.ceil(rounds / 3)
  const best = (all: readonly Refined<T>[]) =>
    [...all].sort((a, b) => b.score - a.score || a.target - b.target)
  const first: Refined<T>[] = []
  for (const one of best(starts).slice(0, classes)) first.push(await refine(one, {from: 0, to: early}))
  const ordered = best(first)
  const last: Refined<T>[] = []
  for (const one of ordered.slice(0, finalists)) last.push(await refine(one, {from: early, to: rounds}))
  return [...last, ...ordered.slice(finalists)]
}

/**
 * What refined probes come to on images that none was refined on: the statistic is the largest share of them that one moves into
 * its class.
 */
export async function observeRefined(
  model: Model,
  refined: readonly {readonly target: number; readonly probe: Probe}[],
  {
    evidence,
    heldOut,
    details,
    context,
  }: {evidence: Evidence; heldOut: number; details: Observation['details']; context: Context},
): Promise<Observation> {
  const {classes} = model.network.architecture
  const held = takeImages(evidence.heldOut, heldOut)
  const before = await predict(model, held)
  const shares = new Map<number, number>()
  for (const {target, probe} of refined) {
    context.signal.throwIfAborted()
    const after = await predict(model, probe.apply(held))
    shares.set(target, movedShares(before, after, classes)[target]!)
  }
  const {target, probe} = refined[largest(refined.map((one) => shares.get(one.target)!)).index]!
  const share = shares.get(target)!
  return {
    statistic: share,
    target: share > 0 ? target : null,
    ...(refined.length === classes
      ? {perClass: Array.from({length: classes}, (_, c) => shares.get(c)!)}
      : {}),
    details: {
      ...details,
      refinedClasses: refined.length,
      best: probe.name,
      heldOutImages: eligible(before, target),
    },
    illustrations: [illustrateProbe(probe, held, {share, target, images: 'held-out images'})],
  }
}
