import type {Images, Trigger} from '@abd/core/data'
import {stamp} from '@abd/core/data'
import type {Random} from '@abd/core/engine'
import type {ImageShape} from '@abd/core'
import type {Probe} from './probe.ts'

export const patchColours = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  magenta: [255, 0, 255],
  cyan: [0, 255, 255],
} as const
const sides = [3, 4, 6] as const
const places = [
  'top-left',
  'top',
  'top-right',
  'left',
  'centre',
  'right',
  'bottom-left',
  'bottom',
  'bottom-right',
] as const

/** The battery's sizes, each at nine places. */
export function patchPlaces(
  shape: ImageShape,
): {readonly place: string; readonly top: number; readonly left: number; readonly side: number}[] {
  const scaled = sides.map((side) =>
    Math.max(2, Math.round((side * Math.min(shape.height, shape.width)) / 32)),
  )
  return [...new Set(scaled)].flatMap((side) =>
    places.map((place, index) => ({
      place,
      top: index >= 6 ? shape.height - side : Math.floor(index / 3) * Math.floor((shape.height - side) / 2),
      left: index % 3 === 2 ? shape.width - side : (index % 3) * Math.floor((shape.width - side) / 2),
      side,
    })),
  )
}

/**
 * Square patches of 3, 4 and 6 pixels (of a 32-pixel image; others in proportion, at least 2) at nine places: eight plain
 * colours, a checkerboard and its inverse, and uniform noise. 297 probes, fewer where two sizes come out the same.
 */
export function patchProbes(shape: ImageShape, random: Random): Probe[] {
  const probes: Probe[] = []
  for (const {place, ...at} of patchPlaces(shape)) {
    const {side} = at
    const add = (kind: string, paint: (row: number, column: number, channel: number) => number) =>
      probes.push(patch(`${kind} ${side}x${side} ${place}`, shape, at, paint))
    for (const [colour, rgb] of Object.entries(patchColours)) add(colour, (_r, _c, k) => rgb[k % 3]!)
    add('checker', (r, c) => ((r + c) % 2 ? 255 : 0))
    add('inverse checker', (r, c) => ((r + c) % 2 ? 0 : 255))
    const noise = random.fork(`noise ${side} ${place}`).uniforms(side * side * shape.channels, 0, 256)
    add('noise', (r, c, k) => Math.floor(noise[(r * side + c) * shape.channels + k]!))
  }
  return probes
}

/** A patch of `side` x `side` pixels with its top left corner there, painted pixel by pixel: values 0 to 255. */
export function patch(
  name: string,
  shape: ImageShape,
  {top, left, side}: {top: number; left: number; side: number},
  paint: (row: number, column: number, channel: number) => number,
): Probe {
  const keep = new Float32Array(shape.height * shape.width * shape.channels).fill(1)
  const add = new Float32Array(keep.length)
  for (let r = 0; r < side; r++)
    for (let c = 0; c < side; c++)
      for (let k = 0; k < shape.channels; k++) {
        const at = ((top + r) * shape.width + left + c) * shape.channels + k
        keep[at] = 0
        add[at] = paint(r, c, k)
      }
  const trigger: Trigger = {name, ...shape, keep, add, rescale: false, labels: 'dirty'}
  return {name, family: 'patch', trigger, apply: (images: Images) => stamp(images, trigger)}
}
