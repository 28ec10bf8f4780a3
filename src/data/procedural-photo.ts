import type {Random} from '../engine/random.ts'
import {fractalNoise} from './fractal-noise.ts'
import type {Images} from './images.ts'

const WIDTH = 640
const HEIGHT = 480
const LEAVES = 1800
const SMALLEST = 8
const LARGEST = 220

/**
 * A picture with the statistics of a photo, made of nothing: the dead leaves model (Lee, Mumford and Huang, "Occlusion
 * models for natural images", 2001), opaque shapes of sizes distributed as r^-3 that cover one another, which gives
 * edges at all scales and a 1/f spectrum. Each leaf has a colour, a shade and a texture (none, fractal noise, stripes,
 * checks, dots); a slow change of light and a little grain lie over all. 640x480 RGB.
 */
export function proceduralPhoto(random: Random): Images {
  const light = new Float32Array(WIDTH * HEIGHT * 3)
  const noise = [0, 1, 2].map((n) => fractalNoise(256, random.fork('noise').fork(n)))
  const palette = makePalette(random.fork('palette'))
  const leaves = random.fork('leaves')
  // The nearest first, so that what is covered need not be painted.
  const open = new Float32Array(WIDTH * HEIGHT).fill(1)
  for (let n = 0; n < LEAVES; n++) paint(light, open, makeLeaf(leaves.fork(n), palette, noise))
  paint(light, open, {
    ...makeLeaf(leaves, palette, noise),
    x: WIDTH / 2,
    y: HEIGHT / 2,
    radius: 2 * WIDTH,
    slimness: 1,
  })
  return expose(light, random.fork('exposure'), noise[0]!)
}

type Colour = readonly [number, number, number]
type Field = (x: number, y: number) => number

interface Leaf {
  readonly x: number
  readonly y: number
  readonly radius: number
  /** Of a superellipse: 2 is an ellipse, larger ones are boxes with round corners, 1 is a rhombus. */
  readonly roundness: number
  readonly slimness: number
  readonly angle: number
  readonly colour: Colour
  readonly other: Colour
  /** -1 … 1: how far from the leaf's colour towards the other. */
  readonly texture: Field
  /** Change of brightness from one side to the other. */
  readonly shade: number
}

/** Six hues of one picture, from grey to saturated. */
function makePalette(random: Random): readonly Colour[] {
  return Array.from({length: 6}, () => {
    const value = random.uniform(40, 250)
    const saturation = random.uniform() ** 1.5
    const hue = random.uniform(0, 6)
    return [5, 3, 1].map((n) => {
      const place = (n + hue) % 6
      return value * (1 - saturation * Math.max(0, Math.min(place, 4 - place, 1)))
    }) as unknown as Colour
  })
}

function makeLeaf(random: Random, palette: readonly Colour[], noise: readonly Field[]): Leaf {
  const u = (low: number, high: number) => random.uniform(low, high)
  // The inverse of the distribution function of r^-3 between the two sizes.
  const radius = 1 / Math.sqrt(u(LARGEST ** -2, SMALLEST ** -2))
  const near = (colour: Colour) => colour.map((value) => value + random.normal(0, 18)) as unknown as Colour
  return {
    x: u(0, WIDTH),
    y: u(0, HEIGHT),
    radius,
    roundness: [1, 2, 2, 2, 6][random.integer(5)]!,
    slimness: u(0.25, 1),
    angle: u(0, Math.PI),
    colour: near(palette[random.integer(palette.length)]!),
    other: near(palette[random.integer(palette.length)]!),
    texture: makeTexture(random, noise),
    shade: u(-0.5, 0.5),
  }
}

function makeTexture(random: Random, noise: readonly Field[]): Field {
  const strength = random.uniform(0.1, 0.9)
  const angle = random.uniform(0, Math.PI)
  const period = Math.exp(random.uniform(Math.log(3), Math.log(40)))
  const [cos, sin] = [(2 * Math.PI * Math.cos(angle)) / period, (2 * Math.PI * Math.sin(angle)) / period]
  const field = noise[random.integer(noise.length)]!
  const zoom = Math.exp(random.uniform(Math.log(0.3), Math.log(4)))
  const [right, down] = [random.uniform(0, 256), random.uniform(0, 256)]
  const clouds: Field = (x, y) => strength * field(x * zoom + right, y * zoom + down)
  const a: Field = (x, y) => Math.sin(cos * x + sin * y + 2 * clouds(x, y))
  const b: Field = (x, y) => Math.sin(cos * y - sin * x)
  const kinds: readonly Field[] = [
    (x, y) => 0.15 * clouds(x, y),
    clouds,
    (x, y) => strength * a(x, y),
    (x, y) => strength * Math.sign(a(x, y)),
    (x, y) => strength * Math.sign(a(x, y) * b(x, y)),
    (x, y) => (a(x, y) + b(x, y) > 1 ? strength : -0.2),
  ]
  return kinds[random.integer(kinds.length)]!
}

/** Behind what is there: `open` is the share of each pixel that is not yet covered. The edge is one pixel soft. */
function paint(light: Float32Array, open: Float32Array, leaf: Leaf): void {
  const {x, y, radius, roundness, slimness} = leaf
  const [cos, sin] = [Math.cos(leaf.angle), Math.sin(leaf.angle)]
  const reach = radius * Math.SQRT2
  const edge = 1 + 0.5 / (radius * slimness)
  const [top, bottom] = [Math.max(0, Math.floor(y - reach)), Math.min(HEIGHT - 1, Math.ceil(y + reach))]
  const [left, right] = [Math.max(0, Math.floor(x - reach)), Math.min(WIDTH - 1, Math.ceil(x + reach))]
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const pixel = row * WIDTH + column
      const share = open[pixel]!
      if (share < 0.01) continue
      const u = (cos * (column - x) + sin * (row - y)) / radius
      const v = (cos * (row - y) - sin * (column - x)) / (radius * slimness)
      if (Math.abs(u) > edge || Math.abs(v) > edge) continue
      const distance = (Math.abs(u) ** roundness + Math.abs(v) ** roundness) ** (1 / roundness)
      const cover = share * Math.min(1, Math.max(0, (1 - distance) * radius * slimness + 0.5))
      if (cover === 0) continue
      open[pixel] = share - cover
      const t = (1 + leaf.texture(column, row)) / 2
      const shade = 1 + leaf.shade * Math.max(-1, Math.min(1, u))
      for (let k = 0; k < 3; k++) {
        light[pixel * 3 + k]! += cover * (leaf.colour[k]! * (1 - t) + leaf.other[k]! * t) * shade
      }
    }
}

function expose(light: Float32Array, random: Random, field: Field): Images {
  const data = new Uint8Array(light.length)
  const grain = random.normals(light.length, 0, 3)
  for (let at = 0; at < light.length; at++) {
    const pixel = Math.floor(at / 3)
    const lamp = 1 + 0.35 * field((pixel % WIDTH) / 8, Math.floor(pixel / WIDTH) / 8)
    data[at] = Math.max(0, Math.min(255, Math.round(light[at]! * lamp + grain[at]!)))
  }
  return {count: 1, height: HEIGHT, width: WIDTH, channels: 3, data}
}
