import type {Images, Trigger} from '@abd/core/data'
import {concatImages, contactSheet, resizeImages, stamp, takeImages} from '@abd/core/data'

/** What a trigger does to images. */
export interface Effect {
  readonly trigger: string
  readonly labels: 'dirty' | 'clean'
  /** Share of the pixels that change in any of the images. */
  readonly pixels: number
  /** Mean change of a byte, over all of them. */
  readonly change: number
}

/** About how many pixels wide an image is shown, and at most. */
const CELL = 96
const LARGEST = 192

/** Each trigger's effect in numbers, and one sheet that shows clean, stamped and the difference around grey. */
export function preview(
  images: Images,
  triggers: readonly Trigger[],
): {sheet: Images; effects: readonly Effect[]} {
  const stamped = triggers.map((trigger) => stamp(images, trigger))
  const rows = triggers.map(({name}, n) => ({
    caption: name,
    images: legible(interleaved(images, stamped[n]!, difference(images, stamped[n]!))),
  }))
  const scale = Math.max(1, Math.round(CELL / images.width))
  return {
    sheet: contactSheet({rows, heads: ['clean', 'stamped', 'change'], group: 3, scale}),
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

/** Large ones smaller, to be shown. */
function legible(images: Images): Images {
  const shrink = Math.min(1, LARGEST / Math.max(images.height, images.width))
  const size = (side: number) => Math.max(1, Math.round(side * shrink))
  return resizeImages(images, {height: size(images.height), width: size(images.width)})
}

/** 128 where nothing changed. */
function difference(clean: Images, stamped: Images): Images {
  const data = clean.data.map((value, i) => Math.max(0, Math.min(255, 128 + stamped.data[i]! - value)))
  return {...clean, data}
}

function effect(clean: Images, stamped: Images): Pick<Effect, 'pixels' | 'change'> {
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
