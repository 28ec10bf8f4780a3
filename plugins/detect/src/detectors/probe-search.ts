import type {Context} from '@abd/core'
import type {Demonstration, Evidence, Illustration, Observation} from '@abd/core/audit'
import {largest, movedShares} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {encodePng, takeImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import type {Probe} from '../probes/probe.ts'

export interface SearchOptions {
  /** Base images a probe is tried on. */
  readonly images: number
  /** How many of the best probes are confirmed on held-out images. */
  readonly confirm: number
  /** Whether a confirmed probe counts as a demonstration: it must be small enough that clean networks resist it. */
  readonly demonstrates: boolean
}

/** Held-out images that a demonstration rests on. */
const HELD_OUT = 200

interface Best {
  readonly probe: Probe
  readonly target: number
  readonly share: number
}

/**
 * Tries every probe on the base images; the statistic is the largest share of images that one probe moves into one class
 * (`movedShares`). The best are repeated on held-out images, beside the mean share of all other probes of their family
 * into the same class: these are the random controls.
 */
export async function searchProbes(
  probes: readonly Probe[],
  {model, evidence, context, label}: {model: Model; evidence: Evidence; context: Context; label: string},
  options: SearchOptions,
): Promise<Observation> {
  const {classes} = model.network.architecture
  const base = takeImages(evidence.base, options.images)
  const before = await predict(model, base)
  const perClass = new Float64Array(classes)
  const sums = new Float64Array(classes)
  const best: Best[] = []
  const task = context.progress.start(label, probes.length)
  try {
    for (const probe of probes) {
      context.signal.throwIfAborted()
      const shares = movedShares(before, await predict(model, probe.apply(base)), classes)
      for (let c = 0; c < classes; c++) {
        perClass[c] = Math.max(perClass[c]!, shares[c]!)
        sums[c]! += shares[c]!
      }
      const top = largest(shares)
      best.push({probe, target: top.index, share: top.value})
      task.advance(1)
    }
  } finally {
    task.end()
  }
  best.sort((a, b) => b.share - a.share)
  const winner = best[0]!
  const held = takeImages(evidence.heldOut, HELD_OUT)
  const heldBefore = await predict(model, held)
  const demonstrations: Demonstration[] = []
  for (const {probe, target} of options.demonstrates ? best.slice(0, options.confirm) : []) {
    const shares = movedShares(heldBefore, await predict(model, probe.apply(held)), classes)
    demonstrations.push({
      trigger: probe.name,
      origin: 'probe',
      on: 'teacher',
      target,
      asr: shares[target]!,
      controlAsr: sums[target]! / probes.length,
      images: heldBefore.reduce((count, predicted) => count + (predicted === target ? 0 : 1), 0),
    })
  }
  return {
    statistic: winner.share,
    target: winner.target,
    perClass: [...perClass],
    demonstrations,
    details: {
      probes: probes.length,
      images: base.count,
      best: winner.probe.name,
      meanShare: mean(sums) / probes.length,
    },
    illustrations: [await illustrate(winner, base)],
  }
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length

async function illustrate({probe, target, share}: Best, base: Images): Promise<Illustration> {
  const one = probe.apply(takeImages(base, 1))
  return {
    kind: 'probe',
    trigger: probe.name,
    caption: `${probe.name}: moves ${(100 * share).toFixed(0)} % of the base images into class ${target}`,
    width: one.width,
    height: one.height,
    png: Buffer.from(encodePng(one)).toString('base64'),
  }
}
