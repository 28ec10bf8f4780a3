import {availableParallelism, freemem, totalmem} from 'node:os'

/** What the runner has, in cores and bytes. */
export interface Machine {
  readonly cores: number
  readonly memory: number
  readonly free: number
}

export interface Room {
  /** Audits at once. */
  readonly atOnce: number
  /** Bytes for each of them. */
  readonly memoryLimit: number
}

/** Of a wasm audit, bytes: 0.6 GiB were measured for a WRN-16-1, its parser apart; larger networks take more. */
const USUAL = 2 * 2 ** 30
const MOST = 4

/**
 * How many audits run side by side: one for each core where the engine has one thread, as far as memory goes; a single one
 * where it takes all cores itself. Four fifths of the memory are theirs, unless a limit is given.
 */
export function roomFor(
  models: number,
  {cores, memory, free}: Machine,
  {native, limit}: {readonly native: boolean; readonly limit: number | null},
): Room {
  const fitting = Math.floor(free / (limit ?? USUAL))
  const atOnce = native ? 1 : Math.max(1, Math.min(models, cores, fitting, MOST))
  return {atOnce, memoryLimit: limit ?? Math.floor((0.8 * memory) / atOnce)}
}

/** A container may have less than the machine. */
export function thisMachine(): Machine {
  const given = process.constrainedMemory()
  const memory = given > 0 ? Math.min(given, totalmem()) : totalmem()
  return {cores: availableParallelism(), memory, free: Math.min(memory, freemem())}
}
