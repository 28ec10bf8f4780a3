import type {Random} from '@abd/core/engine'

/**
 * [height, width, 2] vectors: `grid` x `grid` of them uniform in -1 … 1, divided by their mean absolute value, corner on
 * corner of the image and between them interpolated as PyTorch's `bicubic` with `align_corners` does (Keys' convolution
 * with a = -3/4, the outermost repeated).
 */
export function smoothField(
  {height, width}: {readonly height: number; readonly width: number},
  grid: number,
  random: Random,
): Float64Array {
  const drawn = Float64Array.from({length: 2 * grid * grid}, () => random.uniform(-1, 1))
  const mean = drawn.reduce((sum, value) => sum + Math.abs(value), 0) / drawn.length
  const rows = cubicTaps(height, grid)
  const columns = cubicTaps(width, grid)
  return Float64Array.from({length: 2 * height * width}, (_, i) => {
    const pixel = Math.floor(i / 2)
    let sum = 0
    for (const [row, down] of rows[Math.floor(pixel / width)]!)
      for (const [column, across] of columns[pixel % width]!)
        sum += down * across * drawn[2 * (row * grid + column) + (i % 2)]!
    return sum / mean
  })
}

type Taps = readonly (readonly [index: number, weight: number])[]

/** For each of `size` places between the first and the last of `points`: four neighbours and their weights. */
export function cubicTaps(size: number, points: number): readonly Taps[] {
  return Array.from({length: size}, (_, i) => {
    const at = size === 1 ? 0 : (i * (points - 1)) / (size - 1)
    const first = Math.floor(at)
    return [-1, 0, 1, 2].map(
      (step) => [Math.min(points - 1, Math.max(0, first + step)), cubic(first + step - at)] as const,
    )
  })
}

function cubic(x: number): number {
  const a = -0.75
  const d = Math.abs(x)
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0
}
