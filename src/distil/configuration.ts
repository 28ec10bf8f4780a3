import {createHash} from 'node:crypto'
import {z} from 'zod'
import type {Context} from '../context.ts'
import {arithmeticOf} from '../engine/engine.ts'
import {differences} from '../differences.ts'
import type {Model} from '../nn/model.ts'

const Channels = z.array(z.number())
const Chosen = z.strictObject({name: z.string(), options: z.record(z.string(), z.unknown())})

/** All that decides what the student becomes, and where it goes. */
export const Configuration = z.strictObject({
  teacher: z.strictObject({
    path: z.string(),
    sha256: z.string(),
    architecture: z.string(),
    /** Of its input, channel by channel. */
    mean: Channels,
    std: Channels,
  }),
  method: Chosen,
  defences: z.array(Chosen),
  student: z.string(),
  seed: z.string(),
  engine: z.string(),
  out: z.string(),
  /** Of what comes after a run: which one, and what `Stage` says. */
  stage: z
    .strictObject({
      /** The run's identity. */
      of: z.string(),
      from: z.int().min(0),
      steps: z.int().min(1),
      learningRate: z.number(),
    })
    .optional(),
})
export type Configuration = z.infer<typeof Configuration>

/** The configuration of a run that is ready to begin. */
export const configurationOf = ({
  teacher: {path, sha256, model},
  method,
  defences,
  student,
  context: {random, engine},
  out,
}: {
  readonly teacher: {readonly path: string; readonly sha256: string; readonly model: Model}
  readonly method: Configuration['method']
  readonly defences: Configuration['defences']
  readonly student: string
  readonly context: Pick<Context, 'random' | 'engine'>
  readonly out: string
}): Configuration => ({
  teacher: {
    path,
    sha256,
    architecture: model.network.architecture.name,
    mean: [...model.normalisation.mean],
    std: [...model.normalisation.std],
  },
  method: {name: method.name, options: method.options},
  defences: defences.map(({name, options}) => ({name, options})),
  student,
  seed: random.seed,
  engine: arithmeticOf(engine),
  out,
})

/** What decides the student, so not the paths of teacher and student, as JSON with its keys in alphabetical order. */
export const decisiveJson = (configuration: Configuration): string =>
  JSON.stringify(sorted(decisive(configuration)))

/** The run's identity: SHA-256 of `decisiveJson`. */
export const identityOf = (configuration: Configuration): string =>
  createHash('sha256').update(decisiveJson(configuration)).digest('hex')

/** What of two configurations decides and is not the same, in words. */
export const decisiveDifferences = (there: Configuration, here: Configuration): string[] =>
  differences(decisive(there), decisive(here))

function decisive({out: _, teacher: {path: _path, ...teacher}, ...others}: Configuration) {
  return {teacher, ...others}
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** With the keys of every object in their alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}
