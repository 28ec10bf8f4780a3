/** One thing that is measured: `setUp` once, `run` several times, each giving how much of `unit` it did or took. */
export interface Case {
  readonly name: string
  readonly summary: string
  readonly unit: string
  /** Larger figures are better (a rate) or worse (a time). */
  readonly better: 'larger' | 'smaller'
  /** What is aimed for, in `unit`. */
  readonly target?: number
  readonly runs: number
  setUp(): Promise<{run(): Promise<number | Figures>; tearDown(): Promise<void>}>
}

/** The figure, and others that it was worked out from. */
export interface Figures {
  readonly figure: number
  readonly of: Readonly<Record<string, number>>
}

/** Seconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}
