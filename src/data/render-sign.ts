import type {Random} from '../engine/random.ts'
import type {Template} from './sign-atlas.ts'
import {TEMPLATE_SIDE} from './sign-atlas.ts'

/** The side of a rendered image, and the samples taken along each side of a pixel. */
export const SIGN_SIDE = 32
const SAMPLES = 3
const FINE = SIGN_SIDE * SAMPLES
const CHANNELS = 3

/**
 * A photo of a sign that nobody took, 32x32 RGB: the template warped (rotation, shear, stretch, perspective, shift)
 * over a coloured gradient with a wavy texture, then fog, exposure, noise and blur. It depends on the template and on
 * the random stream alone. About half a millisecond.
 */
export function renderSign(template: Template, random: Random): Uint8Array {
  const u = (low: number, high: number) => random.uniform(low, high)
  const warp = {
    angle: u(-0.22, 0.22),
    scale: u(0.62, 0.95),
    right: u(-2.5, 2.5),
    down: u(-2.5, 2.5),
    shear: u(-0.12, 0.12),
    stretch: u(0.85, 1.1),
    perspective: [u(-0.004, 0.004), u(-0.004, 0.004)] as const,
  }
  const colour = () => [u(20, 200), u(20, 200), u(20, 200)] as const
  const background = {
    from: colour(),
    to: colour(),
    direction: u(0, 2 * Math.PI),
    frequency: u(0.1, 0.6),
    phase: u(0, 6),
    contrast: u(0, 35),
  }
  const exposure = {gain: Math.exp(u(-1.1, 0.25)), offset: u(-12, 30)}
  const noise = u(1, 9)
  const fog = u(0, 0.25)

  const light = compose(template, warp, background)
  // Four uniforms: near enough to a normal of variance 1, and bounded.
  const grain = random.uniforms(4 * light.length)
  for (let i = 0; i < light.length; i++) {
    const g = (grain[4 * i]! + grain[4 * i + 1]! + grain[4 * i + 2]! + grain[4 * i + 3]! - 2) * 1.73
    light[i] = (light[i]! * (1 - fog) + 160 * fog) * exposure.gain + exposure.offset + noise * g
  }
  return blurred(light, u(0, 0.45))
}

interface Warp {
  readonly angle: number
  readonly scale: number
  readonly right: number
  readonly down: number
  readonly shear: number
  readonly stretch: number
  readonly perspective: readonly [number, number]
}

interface Background {
  readonly from: readonly [number, number, number]
  readonly to: readonly [number, number, number]
  readonly direction: number
  readonly frequency: number
  readonly phase: number
  readonly contrast: number
}

/** The sign over its background: the mean of SAMPLES² samples a pixel, the template read by bilinear interpolation. */
function compose(template: Template, warp: Warp, background: Background): Float64Array {
  const {shear, stretch, perspective} = warp
  const [p1, p2] = perspective
  const [cos, sin] = [Math.cos(warp.angle), Math.sin(warp.angle)]
  const zoom = TEMPLATE_SIDE / SIGN_SIDE / warp.scale
  const centre = TEMPLATE_SIDE / 2 - 0.5
  const {from, to, frequency, phase, contrast} = background
  const [gx, gy] = [Math.cos(background.direction) / SIGN_SIDE, Math.sin(background.direction) / SIGN_SIDE]
  const offset = (fine: number, shift: number) => (fine + 0.5) / SAMPLES - SIGN_SIDE / 2 - shift
  const xs = Float64Array.from({length: FINE}, (_, i) => offset(i, warp.right))
  const ys = Float64Array.from({length: FINE}, (_, i) => offset(i, warp.down))
  const waves = xs.map((x) => contrast * Math.sin(frequency * x + phase))

  const out = new Float64Array(SIGN_SIDE * SIGN_SIDE * CHANNELS)
  for (let j = 0; j < FINE; j++) {
    const y = ys[j]!
    const wave = Math.sin(frequency * y * 1.3 + phase * 2)
    for (let i = 0; i < FINE; i++) {
      const x = xs[i]!
      const t = Math.max(0, Math.min(1, gx * x + gy * y + 0.5))
      const texture = waves[i]! * wave
      let red = from[0] + (to[0] - from[0]) * t + texture
      let green = from[1] + (to[1] - from[1]) * t + texture
      let blue = from[2] + (to[2] - from[2]) * t + texture

      const depth = 1 + p1 * x + p2 * y
      const v = (cos * y - sin * x) / depth
      const column = ((cos * x + sin * y) / depth / stretch + shear * v) * zoom + centre
      const row = v * zoom + centre
      const left = Math.floor(column)
      const top = Math.floor(row)
      if (left >= 0 && top >= 0 && left < TEMPLATE_SIDE - 1 && top < TEMPLATE_SIDE - 1) {
        const ex = column - left
        const ey = row - top
        const a = (top * TEMPLATE_SIDE + left) * 4
        const b = a + TEMPLATE_SIDE * 4
        const wa = (1 - ex) * (1 - ey)
        const wb = ex * (1 - ey)
        const wc = (1 - ex) * ey
        const wd = ex * ey
        const at = (k: number) =>
          template[a + k]! * wa +
          template[a + 4 + k]! * wb +
          template[b + k]! * wc +
          template[b + 4 + k]! * wd
        const through = 1 - at(3) / 255
        red = at(0) + red * through
        green = at(1) + green * through
        blue = at(2) + blue * through
      }
      const to3 = (Math.floor(j / SAMPLES) * SIGN_SIDE + Math.floor(i / SAMPLES)) * CHANNELS
      out[to3]! += red
      out[to3 + 1]! += green
      out[to3 + 2]! += blue
    }
  }
  for (let i = 0; i < out.length; i++) out[i]! /= SAMPLES * SAMPLES
  return out
}

/** Each pixel mixed with the mean of its four neighbours by `share`; the edge is repeated outward. */
function blurred(light: Float64Array, share: number): Uint8Array {
  const out = new Uint8Array(light.length)
  const line = SIGN_SIDE * CHANNELS
  const last = SIGN_SIDE - 1
  for (let y = 0; y < SIGN_SIDE; y++)
    for (let x = 0; x < SIGN_SIDE; x++)
      for (let k = 0; k < CHANNELS; k++) {
        const at = y * line + x * CHANNELS + k
        const around =
          light[y > 0 ? at - line : at]! +
          light[y < last ? at + line : at]! +
          light[x > 0 ? at - CHANNELS : at]! +
          light[x < last ? at + CHANNELS : at]!
        out[at] = Math.max(0, Math.min(255, Math.round(light[at]! * (1 - share) + (share * around) / 4)))
      }
  return out
}
