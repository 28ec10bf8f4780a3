import {parseJson, readTextFile, reasonOf, usageError} from '@abd/core'
import {z} from 'zod'
import {Outcome} from './outcome.ts'

/** What figures of two benches have to have in common to be one figure. */
export const Terms = z.strictObject({
  profile: z.enum(['quick', 'standard', 'deep']),
  seed: z.int(),
  /** As it was asked for. */
  engine: z.string(),
  /** Whether an audit was told the input's mean and standard deviation, as the sidecar has them. */
  normalisation: z.enum(['sidecar', 'guess']),
  /** The id of the calibration that ranked the models, null where none did. */
  calibration: z.string().nullable(),
  /** Of abd. */
  version: z.string(),
})
export type Terms = Readonly<z.infer<typeof Terms>>

/** What `bench.json` is read for; its figures are computed anew. */
const KeptBench = z.looseObject({schemaVersion: z.literal(2), terms: Terms, models: z.array(Outcome)})

export interface BenchPart {
  /** As the user wrote it, for errors. */
  readonly path: string
  readonly terms: Terms
  readonly models: readonly Outcome[]
}

const MAX_BYTES = 64 * 2 ** 20

/** A `bench.json` of an earlier run or of another machine. Throws E_BENCH, naming the file. */
export async function readBench(path: string): Promise<BenchPart> {
  const refuse = (why: string, cause?: unknown) =>
    usageError({
      code: 'E_BENCH',
      message: `${path} is no bench that can be merged: ${why}`,
      hints: ['Name the bench.json that abd detect bench wrote into its folder (--out).'],
      cause,
    })
  const text = await readTextFile(path, {most: MAX_BYTES}).catch((cause: unknown) => {
    throw refuse(`it cannot be read (${reasonOf(cause)}).`, cause)
  })
  const {terms, models} = parseJson(text, KeptBench, refuse)
  return {path, terms, models}
}

/**
 * The models of several benches, each once, by its name: of two the earlier part's stays. Throws E_BENCH_TERMS where a part was
 * measured otherwise than the first: a figure of both would be about neither.
 */
export function mergeBenches(parts: readonly BenchPart[]): readonly Outcome[] {
  const [first] = parts
  const models = new Map<string, Outcome>()
  for (const {path, terms, models: own} of parts) {
    for (const [term, value] of Object.entries(terms))
      if (value !== first!.terms[term as keyof Terms])
        throw usageError({
          code: 'E_BENCH_TERMS',
          message: `${path} has ${term} ${value}, ${first!.path} has ${first!.terms[term as keyof Terms]}: their models cannot be put together.`,
          hints: ['Run abd detect bench on both folders with the same flags and the same abd.'],
        })
    for (const one of own) if (!models.has(one.name)) models.set(one.name, one)
  }
  return [...models.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
