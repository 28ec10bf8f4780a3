import {parseJson, readTextFile, reasonOf, usageError} from '@abd/core'
import {z} from 'zod'
import {Outcome} from './outcome.ts'

/** What figures of two benches have to have in common to be one figure. */
export const Terms = z.strictObject({
  profile: z.enum(['quick', 'standard', 'deep']),
  seed: z.int(),
  /** As it was asked for. */
  engine: z.string().max(50),
  /** Whether an audit was told the input's mean and standard deviation, as the sidecar has them. */
  normalisation: z.enum(['sidecar', 'guess']),
  /** Which calibration ranked the models: its id, and for one of the user's the beginning of its SHA-256. */
  calibration: z.string().max(200),
  /** Of abd. */
  version: z.string().max(50),
})
export type Terms = Readonly<z.infer<typeof Terms>>

export const SCHEMA_VERSION = 3

const MAX_MODELS = 10_000

/** What `bench.json` is read for; its figures are computed anew. */
const KeptBench = z.looseObject({
  schemaVersion: z.literal(SCHEMA_VERSION, {error: 'written by another version of abd'}),
  terms: Terms,
  models: z.array(Outcome).min(1).max(MAX_MODELS),
})

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
 * The models of several benches, each once, by its hash: of two the earlier part's stays. Throws E_BENCH_TERMS where a part was
 * measured otherwise than the first: a figure of both would be about neither; E_BENCH where two parts call different models the
 * same or the same model different things.
 */
export function mergeBenches(parts: readonly BenchPart[]): readonly Outcome[] {
  const [first] = parts
  const bySha256 = new Map<string, Found>()
  const byName = new Map<string, Found>()
  let audited: Found | undefined
  for (const {path, terms, models: own} of parts) {
    for (const [term, value] of Object.entries(terms))
      if (value !== first!.terms[term as keyof Terms])
        throw otherTerms(path, `${term} '${value}'`, first!.path, `'${first!.terms[term as keyof Terms]}'`)
    for (const one of own) {
      const found = {path, one}
      const {engine} = one
      if (engine !== null) {
        audited ??= found
        if (path !== audited.path && engine !== audited.one.engine)
          throw otherTerms(
            path,
            `models audited by the engine ${engine}`,
            audited.path,
            `${audited.one.engine}`,
          )
      }
      const namesake = byName.get(one.name)
      if (namesake && namesake.one.sha256 !== one.sha256)
        throw contradiction(namesake, found, 'is another file')
      byName.set(one.name, found)
      const before = bySha256.get(one.sha256)
      if (before && before.one.attack !== one.attack)
        throw contradiction(before, found, `is '${one.attack}' in place of '${before.one.attack}'`)
      if (!before) bySha256.set(one.sha256, found)
    }
  }
  return [...bySha256.values()].map(({one}) => one).sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Found {
  readonly path: string
  readonly one: Outcome
}

const otherTerms = (path: string, has: string, there: string, value: string) =>
  usageError({
    code: 'E_BENCH_TERMS',
    message: `${path} has ${has}, ${there} has ${value}: their models cannot be put together.`,
    hints: [
      'Run abd detect bench on both folders with the same flags, the same calibration and the same abd.',
    ],
  })

const contradiction = (before: Found, {path, one}: Found, what: string) =>
  usageError({
    code: 'E_BENCH',
    message: `${one.name} of ${path} ${what}, compared with ${before.one.name} of ${before.path}.`,
    hints: ['Rename one of the models, or mend its sidecar, and run abd detect bench there again.'],
  })
