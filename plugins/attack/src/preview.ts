import type {Images, Trigger} from '@abd/core/data'
import {concatImages, contactSheet, stamp, takeImages} from '@abd/core/data'

/** What a trigger does to images. */
export interface Preview {
  readonly trigger: string
  readonly labels: 'dirty' | 'clean'
  /** Share of the pixels that change in any of the images. */
  readonly pixels: number
  /** Mean change of a byte, over all of them. */
  readonly change: number
}

/** Each trigger's effect in numbers, and one sheet that shows clean, stamped and the difference around grey. */
export function preview(
  images: Images,
  triggers: readonly Trigger[],
): {sheet: Images; effects: readonly Preview[]} {
  const stamped = triggers.map((trigger) => stamp(images, trigger))
  const rows = triggers.map(({name}, n) => ({
    caption: name,
    images: interleaved(images, stamped[n]!, difference(images, stamped[n]!)),
  }))
  return {
    sheet: contactSheet({rows, heads: ['clean', 'stamped', 'change'], group: 3}),
    effects: triggers.map(({name, labels}, n) => ({trigger: name, labels, ...effect(images, stamped[n]!)})),
  }
}

function interleaved(...sets: readonly [Images, Images, Images]): Images {
  const [{count}] = sets
  return takeImages(
    concatImages(...sets),
    Array.from({length: 3 * count}, (_, i) => (i % 3) * count + Math.floor(i / 3)),
  )
}

/** 128 where nothing changed. */
function difference(clean: Images, stamped: Images): Images {
  const data = clean.data.map((value, i) => Math.max(0, Math.min(255, 128 + stamped.data[i]! - value)))
  return {...clean, data}
}

function effect(clean: Images, stamped: Images): Pick<Preview, 'pixels' | 'change'> {
  const {height, width, channels} = clean
  const touched = new Uint8Array(height * width)
  let sum = 0
  clean.data.forEach((value, i) => {
    const change = Math.abs(stamped.data[i]! - value)
    sum += change
    if (change > 0) touched[Math.floor(i / channels) % touched.length] = 1
  })
  return {
    pixels: touched.reduce((all, one) => all + one, 0) / touched.length,
    change: sum / clean.data.length,
  }
}
