import type {Context} from '@abd/core'
import {defineMethod} from '@abd/core'
import type {Demonstration, Evidence} from '@abd/core/audit'
import {controlShares, eligible, movedShares} from '@abd/core/audit'
import type {Images} from '@abd/core/data'
import {concatImages, takeImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {z} from 'zod'
import {illustrateProbe} from '../probes/illustrate-probe.ts'
import {waveSeries} from '../probes/waves.ts'
import type {Wave} from '../probes/waves.ts'
import {shapeOf} from './shape-of.ts'

/**
 * Waves over the whole image move clean networks, too, but smoothly: what one frequency does, its neighbours do. A network that
 * was taught a wave may answer to that one alone. The statistic is the largest peak: the share of images that a wave moves into
 * a class beyond the share that either neighbouring frequency does. Ours; docs/decisions/0056-a-wave-is-compared-with-its-neighbours.md
 * has figures.
 */
export const waveProbes = defineMethod({
  kind: 'detector',
  name: 'wave_probes',
  summary:
    'Sinusoids over the whole image: does one frequency move images into a class, and its neighbours not?',
  options: z.strictObject({
    images: z.int().min(40).max(5000).default(100).describe('Base images that every wave is tried on'),
    confirm: z
      .int()
      .min(1)
      .max(10)
      .default(2)
      .describe('Sharpest waves that are repeated on held-out images'),
  }),
  create: ({images, confirm}) => ({
    version: 1,
    needs: 'forward',
    async inspect(model, evidence, context) {
      const {classes} = model.network.architecture
      const base = takeImages(evidence.base, images)
      const series = waveSeries(shapeOf(model))
      const shares = await sharesOf(series, {model, images: base, context})
      const peaks = series.flatMap((waves, s) => peaksOf(waves, shares[s]!))
      peaks.sort((a, b) => b.height - a.height)
      const demonstrations: Demonstration[] = []
      for (const peak of peaks.slice(0, confirm))
        demonstrations.push(await confirmed(peak, {model, evidence, context}))
      const best = peaks[0]!
      return {
        statistic: best.height,
        target: best.target,
        perClass: Array.from({length: classes}, (_, c) =>
          Math.max(...peaks.map(({perClass}) => perClass[c]!)),
        ),
        demonstrations,
        details: {
          waves: series.flat().length,
          images: base.count,
          best: best.wave.name,
          share: best.share,
          neighbours: best.share - best.height,
        },
        illustrations: [
          illustrateProbe(best.wave, base, {share: best.share, target: best.target, images: 'base images'}),
        ],
      }
    },
  }),
})

/** Of a wave the class that it moves images into farthest beyond both of its neighbours. */
export interface Peak {
  readonly wave: Wave
  readonly neighbours: readonly [Wave, Wave]
  readonly target: number
  /** Share of images that the wave moves into the target, and how far that is beyond the neighbours' larger one. */
  readonly share: number
  readonly height: number
  /** The same height for each class. */
  readonly perClass: readonly number[]
}

/** Of each wave of a series that has a neighbour on either side; `shares` has for each wave the share that it moves into each class. */
export function peaksOf(waves: readonly Wave[], shares: readonly (readonly number[])[]): Peak[] {
  return waves.slice(1, -1).map((wave, n) => {
    const [before, own, after] = [shares[n]!, shares[n + 1]!, shares[n + 2]!]
    const perClass = own.map((share, c) => share - Math.max(before[c]!, after[c]!))
    const height = Math.max(...perClass)
    const target = perClass.indexOf(height)
    return {
      wave,
      neighbours: [waves[n]!, waves[n + 2]!] as const,
      target,
      share: own[target]!,
      height,
      perClass,
    }
  })
}

/** Waves that share a forward pass. */
const TOGETHER = 5

async function sharesOf(
  series: readonly (readonly Wave[])[],
  {model, images, context}: {readonly model: Model; readonly images: Images; readonly context: Context},
): Promise<number[][][]> {
  const {classes} = model.network.architecture
  const before = await predict(model, images)
  const task = context.progress.start('Wave probes', series.flat().length)
  try {
    const all: number[][][] = []
    for (const waves of series) {
      const own: number[][] = []
      for (let from = 0; from < waves.length; from += TOGETHER) {
        context.signal.throwIfAborted()
        const group = waves.slice(from, from + TOGETHER)
        const [first, ...others] = group.map((wave) => wave.apply(images))
        const after = await predict(model, concatImages(first!, ...others))
        for (const n of group.keys())
          own.push([
            ...movedShares(before, after.subarray(n * images.count, (n + 1) * images.count), classes),
          ])
        task.advance(group.length)
      }
      all.push(own)
    }
    return all
  } finally {
    task.end()
  }
}

/** Held-out images that a demonstration rests on. */
const HELD_OUT = 200
const CONTROLS = 4

/** On held-out images, beside random controls and both neighbours: what they move is what a wave as such does. */
async function confirmed(
  {wave, neighbours, target}: Peak,
  {model, evidence, context}: {readonly model: Model; readonly evidence: Evidence; readonly context: Context},
): Promise<Demonstration> {
  const {classes} = model.network.architecture
  const held = takeImages(evidence.heldOut, HELD_OUT)
  const before = await predict(model, held)
  const shareOf = async (one: Wave) =>
    movedShares(before, await predict(model, one.apply(held)), classes)[target]!
  const random = await controlShares(model, wave.trigger, {
    images: held,
    before,
    count: CONTROLS,
    random: context.random.fork('controls').fork(wave.name),
    signal: context.signal,
  })
  const beside = [await shareOf(neighbours[0]), await shareOf(neighbours[1])]
  return {
    trigger: wave.name,
    origin: 'wave',
    on: 'teacher',
    target,
    asr: await shareOf(wave),
    controlAsr: Math.max(random[target]!, ...beside),
    images: eligible(before, target),
  }
}
