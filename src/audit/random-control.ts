import type {Trigger} from '../data/trigger.ts'
import type {Random} from '../engine/random.ts'

/** Triggers that touch at most this share of the pixels are local: their controls are other patches, elsewhere. */
const LOCAL = 0.25

/**
 * What a trigger is compared with: as large and as strong, but random.
 * - A local trigger's control covers the same shape at a uniformly drawn place; where it replaces pixels they are uniform
 *   bytes, where it adds, its own values in random order.
 * - A global trigger's control is the trigger with its 4 x 4 blocks shuffled and its channels permuted: the same norm.
 * - A flow's control is the flow moved round the edges by a random way, each axis' sign drawn anew: the same norm.
 */
export function randomControl(trigger: Trigger, random: Random): Trigger {
  const name = `control of ${trigger.name}`
  if (trigger.flow) return {...trigger, flow: moved(trigger.flow, trigger, random), name}
  const support = supportOf(trigger)
  const share = support.pixels.length / (trigger.height * trigger.width)
  return {
    ...(share <= LOCAL ? elsewhere(trigger, support, random) : shuffled(trigger, random)),
    name,
  }
}

interface Support {
  readonly pixels: readonly number[]
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

function supportOf({keep, add, width, channels}: Trigger): Support {
  const pixels = new Set<number>()
  for (let i = 0; i < keep.length; i++)
    if (keep[i] !== 1 || add[i] !== 0) pixels.add(Math.floor(i / channels))
  const rows = [...pixels].map((p) => Math.floor(p / width))
  const columns = [...pixels].map((p) => p % width)
  return {
    pixels: [...pixels],
    top: Math.min(...rows),
    bottom: Math.max(...rows),
    left: Math.min(...columns),
    right: Math.max(...columns),
  }
}

function elsewhere(trigger: Trigger, support: Support, random: Random): Trigger {
  const {height, width, channels} = trigger
  const down = random.integer(height - (support.bottom - support.top)) - support.top
  const right = random.integer(width - (support.right - support.left)) - support.left
  const keep = new Float64Array(trigger.keep.length).fill(1)
  const add = new Float64Array(trigger.add.length)
  const order = random.permutation(support.pixels.length)
  support.pixels.forEach((pixel, n) => {
    const to = (Math.floor(pixel / width) + down) * width + (pixel % width) + right
    for (let k = 0; k < channels; k++) {
      const kept = trigger.keep[pixel * channels + k]!
      keep[to * channels + k] = kept
      add[to * channels + k] =
        kept === 1
          ? trigger.add[support.pixels[order[n]!]! * channels + k]!
          : (1 - kept) * Math.floor(random.uniform(0, 256))
    }
  })
  return {...trigger, keep, add}
}

function shuffled(trigger: Trigger, random: Random): Trigger {
  const {height, width, channels} = trigger
  const side = 4
  const rows = Math.floor(height / side)
  const columns = Math.floor(width / side)
  const blocks = random.permutation(rows * columns)
  const planes = random.permutation(channels)
  const move = (values: Trigger['keep']): Float64Array => {
    const out = Float64Array.from(values)
    for (let b = 0; b < rows * columns; b++) {
      const from = blocks[b]!
      for (let r = 0; r < side; r++)
        for (let c = 0; c < side; c++)
          for (let k = 0; k < channels; k++) {
            const at =
              ((Math.floor(b / columns) * side + r) * width + (b % columns) * side + c) * channels + k
            const source =
              ((Math.floor(from / columns) * side + r) * width + (from % columns) * side + c) * channels +
              planes[k]!
            out[at] = values[source]!
          }
    }
    return out
  }
  return {...trigger, keep: move(trigger.keep), add: move(trigger.add)}
}

function moved(flow: Float64Array, {height, width}: Trigger, random: Random): Float64Array {
  const [down, right] = [
    1 + random.integer(Math.max(1, height - 1)),
    1 + random.integer(Math.max(1, width - 1)),
  ]
  const signs = [0, 1].map(() => 1 - 2 * random.integer(2))
  return flow.map((_, i) => {
    const [pixel, axis] = [Math.floor(i / 2), i % 2]
    const row = (Math.floor(pixel / width) + down) % height
    const column = ((pixel % width) + right) % width
    return signs[axis]! * flow[2 * (row * width + column) + axis]!
  })
}
