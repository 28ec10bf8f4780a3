import type {Schedule} from '../math/schedule.ts'

const WARM_UP = 0.3
const START = 1 / 25
const END = START / 1e4

/**
 * One cycle (Smith, 2018) as PyTorch's OneCycleLR has it by default: along a cosine from peak / 25 up to the peak over
 * the first three tenths of the steps, then down to peak / 250 000 at the last.
 */
export function oneCycleSchedule(peak: number, total: number): Schedule {
  const summit = WARM_UP * total - 1
  const last = Math.max(total - 1, summit + 1)
  const along = (from: number, to: number, share: number) =>
    to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2
  return (step) =>
    step <= summit
      ? along(peak * START, peak, step / summit)
      : along(peak, peak * END, (step - summit) / (last - summit))
}
