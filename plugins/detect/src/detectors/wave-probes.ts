import type {Context} from '@abd/core'
import {defineMethod} from '@abd/core'
import type {Demonstration, Evidence} from '@abd/core/audit'
import {controlShares, eligible, largest, movedShares, neighbourShares} from '@abd/core/audit'
import type {Trigger} from '@abd/core/data'
import {takeImages} from '@abd/core/data'
import type {Model} from '@abd/core/nn'
import {predict} from '@abd/core/train'
import {z} from 'zod'
import {illustrateProbe} from '../probes/illustrate-probe.ts'
import {waveSeries} from '../probes/waves.ts'
import type {Wave} from '../probes/waves.ts'
import {probeShares, TOGETHER} from './probe-shares.ts'
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
      const waves = series.flat()
      const task = context.progress.start('Wave probes', waves.length)
      const shares = await probeShares(waves, {
        model,
        images: base,
        context,
        together: TOGETHER,
        onTried: (count) => task.advance(count),
      }).finally(() => task.end())
      const ofWave = new Map(waves.map((wave, n) => [wave, [...shares[n]!]]))
      const peaks = series.flatMap((own) =>
        peaksOf(
          own,
          own.map((wave) => ofWave.get(wave)!),
        ),
      )
      peaks.sort((a, b) => b.height - a.height)
      const best = peaks[0]!
      return {
        statistic: best.height,
        target: best.target,
        perClass: Array.from({length: classes}, (_, c) =>
          Math.max(...peaks.map(({perClass}) => perClass[c]!)),
        ),
        demonstrations: await confirmed(peaks.slice(0, confirm), {model, evidence, context}),
        details: {
          waves: waves.length,
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
  readonly neighbours: readonly Trigger[]
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
    const {index: target, value: height} = largest(perClass)
    return {
      wave,
      neighbours: [waves[n]!.trigger, waves[n + 2]!.trigger],
      target,
      share: own[target]!,
      height,
      perClass,
    }
  })
}

/** Held-out images that a demonstration rests on. */
const HELD_OUT = 200
const CONTROLS = 4

/** On held-out images, beside random controls and both neighbours: what they move is what a wave as such does. */
async function confirmed(
  peaks: readonly Peak[],
  {model, evidence, context}: {readonly model: Model; readonly evidence: Evidence; readonly context: Context},
): Promise<Demonstration[]> {
  const {classes} = model.network.architecture
  const images = takeImages(evidence.heldOut, HELD_OUT)
  const before = await predict(model, images)
  const demonstrations: Demonstration[] = []
  for (const {wave, neighbours, target} of peaks) {
    const trigger = {...wave.trigger, neighbours}
    const random = await controlShares(model, trigger, {
      images,
      before,
      count: CONTROLS,
      random: context.random.fork('controls').fork(wave.name),
      signal: context.signal,
    })
    const beside = await neighbourShares(model, trigger, {images, before})
    demonstrations.push({
      trigger: wave.name,
      origin: 'wave',
      on: 'teacher',
      target,
      asr: movedShares(before, await predict(model, wave.apply(images)), classes)[target]!,
      controlAsr: Math.max(random[target]!, beside[target]!),
      images: eligible(before, target),
    })
  }
  return demonstrations
}
