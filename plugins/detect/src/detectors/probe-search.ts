import type {Context} from '@abd/core'
import type {Demonstration, Evidence, Observation} from '@abd/core/audit'
import {controlShares, eligible, largest, movedShares} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {takeImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {illustrateProbe} from '../probes/illustrate-probe.ts'
import type {Probe} from '../probes/probe.ts'
import {probeShares, TOGETHER} from './probe-shares.ts'

export interface SearchOptions {
  /** Base images that every probe is tried on. */
  readonly screen: number
  /** How many of the best of these are tried on `images` base images. */
  readonly refine: number
  readonly images: number
  /** How many of the best of those are confirmed on held-out images. */
  readonly confirm: number
  /** Whether a confirmed probe counts as a demonstration: it must be small enough that clean networks resist it. */
  readonly demonstrates: boolean
}

/** Held-out images that a demonstration rests on. */
const HELD_OUT = 200
const CONTROLS = 4

interface Tried {
  readonly probe: Probe
  /** For each class, the share of base images that the probe moves into it. */
  readonly shares: Float64Array
  readonly top: {readonly index: number; readonly value: number}
}

/**
 * Tries every probe on a few base images and the best of them on more; the statistic is the largest share of images that
 * one of the latter moves into one class (`movedShares`). The best are repeated on held-out images, beside random controls
 * of the same size (`controlShares`).
 */
export async function searchProbes(
  probes: readonly Probe[],
  {model, evidence, context, label}: {model: Model; evidence: Evidence; context: Context; label: string},
  options: SearchOptions,
): Promise<Observation> {
  const {classes} = model.network.architecture
  const refined = Math.min(options.refine, probes.length)
  const task = context.progress.start(label, probes.length * options.screen + refined * options.images)
  const tryOn = async (images: Images, candidates: readonly Probe[], together: number): Promise<Tried[]> => {
    const shares = await probeShares(candidates, {
      model,
      images,
      context,
      together,
      onTried: (count) => task.advance(count * images.count),
    })
    const tried = candidates.map((probe, n): Tried => ({probe, shares: shares[n]!, top: largest(shares[n]!)}))
    return tried.sort((a, b) => b.top.value - a.top.value)
  }

  const base = takeImages(evidence.base, options.images)
  let screened: Tried[]
  let best: Tried[]
  try {
    screened = await tryOn(takeImages(evidence.base, options.screen), probes, TOGETHER)
    best = await tryOn(
      base,
      screened.slice(0, refined).map(({probe}) => probe),
      1,
    )
  } finally {
    task.end()
  }
  const meanShare = (c: number, others: readonly Tried[]) =>
    others.reduce((sum, {shares}) => sum + shares[c]!, 0) / others.length
  const held = takeImages(evidence.heldOut, HELD_OUT)
  const heldBefore = await predict(model, held)
  const demonstrations: Demonstration[] = []
  for (const {probe, top} of options.demonstrates
    ? best.filter(({probe: {trigger}}) => trigger).slice(0, options.confirm)
    : []) {
    const target = top.index
    const shares = movedShares(heldBefore, await predict(model, probe.apply(held)), classes)
    const controls = await controlShares(model, probe.trigger!, {
      images: held,
      before: heldBefore,
      count: CONTROLS,
      random: context.random.fork('controls').fork(probe.name),
      signal: context.signal,
    })
    demonstrations.push({
      trigger: probe.name,
      origin: 'probe',
      on: 'teacher',
      target,
      asr: shares[target]!,
      controlAsr: controls[target]!,
      images: eligible(heldBefore, target),
    })
  }
  const winner = best[0]!
  const everyClass = Array.from({length: classes}, (_, c) => c)
  return {
    statistic: winner.top.value,
    target: winner.top.index,
    perClass: everyClass.map((c) => Math.max(...best.map(({shares}) => shares[c]!))),
    demonstrations,
    details: {
      probes: probes.length,
      images: base.count,
      best: winner.probe.name,
      meanShare: everyClass.reduce((sum, c) => sum + meanShare(c, screened), 0),
    },
    illustrations: [
      illustrateProbe(winner.probe, base, {
        share: winner.top.value,
        target: winner.top.index,
        images: 'base images',
      }),
    ],
  }
}
