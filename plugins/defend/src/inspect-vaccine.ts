import type {Random} from '@abd/core/engine'
import type {Images, Trigger} from '@abd/core/data'
import {stamp} from '@abd/core/data'
import {shuffleTail} from '@abd/core/math'
import {createShuffledEnsemble, lastConvolutions} from '@abd/core/nn'
import type {Model} from '@abd/core/nn'
import {compareShuffled} from './compare-shuffled.ts'

export interface Inspection {
  /** How many of the last convolutions are shuffled, and the earliest of them. */
  readonly layers: number
  readonly first: string
  /** Share of images of whose class teacher and ensemble agree: what the vaccine suspects of them. 0 to 1. */
  readonly agreement: number
  /** Share of images beyond three standard deviations of log10 d: above 0.02 the ensemble has found something (ABD). */
  readonly tail: number
  /** The class that the ensemble names most, and the share of images it names it for. */
  readonly fallback: {readonly class: number; readonly share: number}
  /** With a trigger: the share of stamped images that the ensemble takes for the target. Near 1, the backdoor survives. */
  readonly kept: number | null
}

export interface InspectionOptions {
  readonly images: Images
  readonly trigger?: {readonly trigger: Trigger; readonly target: number}
  /** Inspects 1, 2, … up to this many shuffled layers. */
  readonly layers: number
  readonly copies: number
  /** Independent ensembles, averaged. */
  readonly ensembles: number
}

/** What shuffled ensembles make of a teacher, for each number of shuffled layers (Shuffling Vaccine, reference: ABD, 4.1). */
export async function* inspectVaccine(
  teacher: Model,
  {images, trigger, layers, copies, ensembles}: InspectionOptions,
  random: Random,
): AsyncGenerator<Inspection> {
  const {architecture} = teacher.network
  const stamped = trigger && stamp(images, trigger.trigger)
  for (let count = 1; count <= Math.min(layers, lastConvolutions(architecture, layers).length); count++) {
    let agreeing = 0
    let tail = 0
    let kept = 0
    const named = new Float64Array(architecture.classes)
    for (let e = 0; e < ensembles; e++) {
      using ensemble = createShuffledEnsemble(teacher.network, {copies, layers: count}, random.fork(e))
      const plain = await compareShuffled(teacher, ensemble, images)
      agreeing += share(plain.shuffled, (c, i) => c === plain.own[i]) / ensembles
      tail += shuffleTail(plain.divergences).ratio / ensembles
      for (const c of plain.shuffled) named[c]! += 1 / (ensembles * images.count)
      if (!stamped) continue
      const {shuffled} = await compareShuffled(teacher, ensemble, stamped)
      kept += share(shuffled, (c) => c === trigger.target) / ensembles
    }
    const most = named.indexOf(Math.max(...named))
    yield {
      layers: count,
      first: lastConvolutions(architecture, count)[0]!.replace(/\.weight$/, ''),
      agreement: agreeing,
      tail,
      fallback: {class: most, share: named[most]!},
      kept: trigger ? kept : null,
    }
  }
}

const share = (values: Int32Array, counts: (value: number, index: number) => boolean): number =>
  values.reduce((sum, value, i) => sum + (counts(value, i) ? 1 : 0), 0) / values.length
