import {z} from 'zod'

const Texts = z.record(z.string(), z.string())
/** JSON knows no NaN and no infinity. */
const Value = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
const Milliseconds = z.int().min(0)

/** A file by its content: SHA-256, as it lies in the journal's `blobs`. */
export const Blob = z.strictObject({sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().min(0)})
export type Blob = z.infer<typeof Blob>

const NamedBlob = Blob.extend({path: z.string()})

/** One line of a journal. All values fit MLflow's limits already. */
export const Operation = z.discriminatedUnion('op', [
  z.strictObject({op: z.literal('params'), values: Texts}),
  z.strictObject({op: z.literal('tags'), values: Texts}),
  z.strictObject({
    op: z.literal('metrics'),
    at: Milliseconds,
    step: z.int(),
    values: z.record(z.string(), Value),
  }),
  NamedBlob.extend({op: z.literal('artifact')}),
  z.strictObject({
    op: z.literal('input'),
    name: z.string(),
    digest: z.string(),
    sourceType: z.string(),
    source: z.string(),
    profile: z.string().optional(),
    context: z.string(),
  }),
  z.strictObject({
    op: z.literal('model'),
    uid: z.string(),
    at: Milliseconds,
    step: z.int(),
    name: z.string(),
    params: Texts,
    files: z.array(NamedBlob),
  }),
  z.strictObject({
    op: z.literal('verdict'),
    target: z.union([
      z.strictObject({model: z.string(), version: z.string()}),
      z.strictObject({runId: z.string()}),
    ]),
    tags: Texts,
    alias: z.strictObject({name: z.string(), set: z.boolean()}),
    summary: z.string(),
  }),
  z.strictObject({op: z.literal('end'), at: Milliseconds, status: z.enum(['FINISHED', 'FAILED', 'KILLED'])}),
])
export type Operation = z.infer<typeof Operation>

/** What a run is, before anything happens in it. */
export const Header = z.strictObject({
  version: z.literal(1),
  uid: z.string().regex(/^[0-9a-f]{32}$/),
  name: z.string(),
  startTime: Milliseconds,
  /** Of the server, where one was known; without credentials. */
  uri: z.string().optional(),
  experimentName: z.string(),
  experimentId: z.string().optional(),
  /** Somebody else's run, which is neither made nor ended. */
  runId: z.string().optional(),
  /** Of the run it lies below. */
  parent: z.strictObject({uid: z.string(), runId: z.string().optional()}).optional(),
  /** Path. Held while the run is looked for and made, where several processes record the same one. */
  lock: z.string().optional(),
  tags: Texts,
  /** Who writes it: see `Holder`. */
  writer: z.string(),
})
export type Header = z.infer<typeof Header>

/** How far a journal is on one server. */
export const Cursor = z.strictObject({
  uri: z.string(),
  /** Bytes of the journal that are there. */
  done: z.int().min(0),
  runId: z.string().optional(),
  experimentId: z.string().optional(),
  artifactUri: z.string().optional(),
  /** A run may have been made by a request whose answer nobody saw. */
  creating: z.boolean().default(false),
  /** Entries that the server refused for good. */
  refused: z.int().min(0).default(0),
  /** Its end was told. */
  ended: z.boolean().default(false),
})
export type Cursor = z.infer<typeof Cursor>
