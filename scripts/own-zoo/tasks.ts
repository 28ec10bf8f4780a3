import type {Random} from '@abd/core/engine'
import {drawFigure} from './draw-figure.ts'
import {figures} from './figures.ts'
import {drawGlyph} from './glyphs.ts'
import type {ImageClass} from './image-class.ts'
import {drawTexture} from './textures.ts'

/** What a zoo's teachers tell apart: nothing that the shipped calibration was made from when the zoo was opened. */
export interface Task {
  /** Of its first teacher. */
  readonly firstSeed: number
  /** So many classes of one teacher, by name. */
  classes(many: number, random: Random): Readonly<Record<string, ImageClass>>
}

/** Every teacher has classes of its own. */
const drawnAnew = (draw: (random: Random) => ImageClass): Task['classes'] => {
  return (many, random) =>
    Object.fromEntries(Array.from({length: many}, (_, n) => [`${n + 1}`, draw(random.fork(n))]))
}

export const tasks: Readonly<Record<'figures' | 'glyphs' | 'textures', Task>> = {
  figures: {
    firstSeed: 7000,
    classes(many, random) {
      const all = Object.entries(figures)
      const chosen = [...random.permutation(all.length)].slice(0, many).map((n) => all[n]!)
      return Object.fromEntries(
        chosen.map(([name, inside]) => [name, (image: Random) => drawFigure(inside, image)]),
      )
    },
  },
  glyphs: {
    firstSeed: 8000,
    classes: drawnAnew((random) => {
      const inside = drawGlyph(random)
      return (image) => drawFigure(inside, image)
    }),
  },
  textures: {firstSeed: 9000, classes: drawnAnew(drawTexture)},
}
