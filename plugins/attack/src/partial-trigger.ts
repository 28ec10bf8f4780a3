import type {Trigger} from '@abd/core/data'
import type {Random} from '@abd/core/engine'

/** Pieces a side. */
const PIECES = 4

/**
 * A trigger with only some of its pieces: the smallest rectangle that holds all it changes is cut into 4 x 4, of which
 * round(share · 16), at least one, are drawn. (Qi et al., "Revisiting the assumption of latent separability", ICLR 2023,
 * cut the whole image so for their adaptive blend; here small patches are cut, too.)
 */
export function partialTrigger(trigger: Trigger, share: number, random: Random): Trigger {
  const {height, width, channels, keep, add, flow} = trigger
  const changes = (pixel: number) => {
    for (let i = pixel * channels; i < (pixel + 1) * channels; i++)
      if (keep[i] !== 1 || add[i] !== 0) return true
    return flow !== undefined && (flow[2 * pixel] !== 0 || flow[2 * pixel + 1] !== 0)
  }
  const pixels = Array.from({length: height * width}, (_, pixel) => pixel).filter(changes)
  const rows = pixels.map((pixel) => Math.floor(pixel / width))
  const columns = pixels.map((pixel) => pixel % width)
  const [top, left] = [rows, columns].map((all) => all.reduce((least, one) => Math.min(least, one), Infinity))
  const [bottom, right] = [rows, columns].map((all) => all.reduce((most, one) => Math.max(most, one), 0))
  const count = Math.max(1, Math.round(share * PIECES * PIECES))
  const drawn = new Set(random.permutation(PIECES * PIECES).subarray(0, count))
  const has = (pixel: number) => {
    const down = Math.floor(((Math.floor(pixel / width) - top!) * PIECES) / (bottom! - top! + 1))
    const across = Math.floor((((pixel % width) - left!) * PIECES) / (right! - left! + 1))
    return drawn.has(down * PIECES + across)
  }
  const stays = Uint8Array.from({length: height * width}, (_, pixel) => (has(pixel) ? 1 : 0))
  const at = (i: number) => stays[Math.floor(i / channels)] === 1
  return {
    ...trigger,
    keep: Float64Array.from(keep, (value, i) => (at(i) ? value : 1)),
    add: Float64Array.from(add, (value, i) => (at(i) ? value : 0)),
    ...(flow ? {flow: flow.map((value, i) => (stays[Math.floor(i / 2)] === 1 ? value : 0))} : {}),
  }
}
