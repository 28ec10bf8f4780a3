/** Is this point part of the figure? Both coordinates go from -1 to 1, the second downward. */
export type Figure = (x: number, y: number) => boolean

const round = (x: number, y: number): number => Math.hypot(x, y)
const square = (x: number, y: number): number => Math.max(Math.abs(x), Math.abs(y))

/** What the own zoo's teachers tell apart: nothing that any calibration was made from. */
export const figures: Readonly<Record<string, Figure>> = {
  disc: (x, y) => round(x, y) < 0.9,
  ring: (x, y) => round(x, y) < 0.95 && round(x, y) > 0.55,
  square: (x, y) => square(x, y) < 0.8,
  frame: (x, y) => square(x, y) < 0.9 && square(x, y) > 0.5,
  diamond: (x, y) => Math.abs(x) + Math.abs(y) < 1,
  triangle: (x, y) => y < 0.75 && y > 2 * Math.abs(x) - 0.95,
  plus: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.28 && square(x, y) < 0.95,
  cross: (x, y) => Math.abs(Math.abs(x) - Math.abs(y)) < 0.36 && square(x, y) < 0.85,
  star: (x, y) => round(x, y) < 0.62 + 0.36 * Math.cos(5 * Math.atan2(x, -y)),
  crescent: (x, y) => round(x, y) < 0.95 && round(x - 0.45, y) > 0.75,
  half: (x, y) => round(x, y) < 0.95 && y < 0.05,
  bars: (x, y) => square(x, y) < 0.9 && Math.cos(7 * y) > 0,
  columns: (x, y) => square(x, y) < 0.9 && Math.cos(7 * x) > 0,
  checks: (x, y) => square(x, y) < 0.9 && Math.sin(5.2 * x) * Math.sin(5.2 * y) > 0,
}
