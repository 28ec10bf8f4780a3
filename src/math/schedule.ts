/** The learning rate after `step` steps of the schedule (0: the first). What a step is, an epoch or a batch, is the caller's. */
export type Schedule = (step: number) => number

export const constantSchedule =
  (initial: number): Schedule =>
  () =>
    initial

/** initial · (1 + cos(π step / total)) / 2: half a period, down to 0 at `total`. */
export const cosineSchedule =
  (initial: number, total: number): Schedule =>
  (step) =>
    (initial * (1 + Math.cos((Math.PI * step) / total))) / 2

/** `initial`, times `factor` from each milestone on. */
export const stepSchedule =
  (initial: number, milestones: readonly number[], factor = 0.5): Schedule =>
  (step) =>
    initial * factor ** milestones.filter((milestone) => step >= milestone).length
