import type {Random} from '@abd/core/engine'
import type {Figure} from './figures.ts'

/** Half the width of a stroke, where a glyph goes from -1 to 1. */
const HALF = 0.15

type Point = readonly [x: number, y: number]

/** A letter of an alphabet that nobody knows: four strokes, each from where the one before ended or from a new place. */
export function drawGlyph(random: Random): Figure {
  const point = (): Point => [random.uniform(-0.85, 0.85), random.uniform(-0.85, 0.85)]
  const strokes: [Point, Point][] = []
  for (let from = point(); strokes.length < 4;) {
    const to = point()
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 0.6) continue
    strokes.push([from, to])
    from = random.integer(3) === 0 ? point() : to
  }
  return (x, y) => strokes.some((stroke) => distance([x, y], stroke) < HALF)
}

/** From a point to a line between two. */
function distance([x, y]: Point, [[x0, y0], [x1, y1]]: readonly [Point, Point]): number {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)))
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy)
}
