import type {ImageShape} from '@abd/core'
import type {Random} from '@abd/core/engine'
import {patch, patchColours, patchPlaces} from './patches.ts'
import type {Probe} from './probe.ts'

/** A square patch as numbers that can be moved: a checkerboard of two colours, which may be the same. */
export interface MovablePatch {
  readonly top: number
  readonly left: number
  /** In pixels. */
  readonly side: number
  /** The two colours, 0 to 255 a channel. */
  readonly even: readonly number[]
  readonly odd: readonly number[]
}

export function paintPatch(shape: ImageShape, spec: MovablePatch): Probe {
  const {top, left, side, even, odd} = spec
  const colours = String(even) === String(odd) ? even.join(',') : `${even.join(',')} and ${odd.join(',')}`
  return patch(`patch ${side}x${side} at ${top},${left} of ${colours}`, shape, spec, (r, c, k) =>
    (r + c) % 2 ? odd[k]! : even[k]!,
  )
}

/** The battery of `patchProbes`, but for its noise, as patches that can be moved. */
export function patchGrid(shape: ImageShape): MovablePatch[] {
  const colour = (rgb: readonly number[]) => Array.from({length: shape.channels}, (_, k) => rgb[k % 3]!)
  const {black, white} = patchColours
  const paints = [
    ...Object.values(patchColours).map((rgb) => [rgb, rgb] as const),
    [black, white] as const,
    [white, black] as const,
  ].map(([even, odd]) => ({even: colour(even), odd: colour(odd)}))
  // Red, yellow and white are one colour where there is one channel.
  const different = [...new Map(paints.map((paint) => [JSON.stringify(paint), paint])).values()]
  return patchPlaces(shape).flatMap(({top, left, side}) =>
    different.map((paint) => ({top, left, side, ...paint})),
  )
}

const LEVELS = [0, 128, 255]

/**
 * A patch near another one, drawn: a pixel larger or smaller (2 to the battery's largest), moved by up to two pixels each way, or with one
 * channel of both colours, or of one, at another level.
 */
export function nearbyPatch(
  from: MovablePatch,
  {shape, random}: {shape: ImageShape; random: Random},
): MovablePatch {
  const {height, width, channels} = shape
  const most = Math.max(...patchPlaces(shape).map(({side}) => side))
  const within = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value))
  const change = (['size', 'place', 'both colours', 'a colour'] as const)[random.integer(4)]!
  if (change === 'size' || change === 'place') {
    const larger = change === 'size' ? (random.integer(2) ? 1 : -1) : 0
    const shift = () => (change === 'place' ? random.integer(5) - 2 : 0)
    const side = within(from.side + larger, 2, most)
    return {
      ...from,
      side,
      top: within(from.top + shift(), 0, height - side),
      left: within(from.left + shift(), 0, width - side),
    }
  }
  const channel = random.integer(channels)
  const level = LEVELS[random.integer(LEVELS.length)]!
  const paint = (colour: readonly number[]) => colour.map((value, k) => (k === channel ? level : value))
  const only = change === 'a colour' ? random.integer(2) : undefined
  return {
    ...from,
    even: only === 1 ? from.even : paint(from.even),
    odd: only === 0 ? from.odd : paint(from.odd),
  }
}
