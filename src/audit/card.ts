import {basename, dirname, extname, join} from 'node:path'
import {stringify} from 'yaml'
import {z} from 'zod'
import {checkedYaml} from '../checked-yaml.ts'
import {environmentError} from '../errors.ts'
import {readTextFile, reasonOf} from '../read-text-file.ts'
import {writeAtomic} from '../write-atomic.ts'

// Whoever brings the model brings the card too: a mean far outside the images or a tiny std would let them choose what
// the audit sees, so both are bounded, and an audit also runs under the defaults that fit (preprocessing.ts).
const channels = z.union([z.tuple([z.number()]), z.tuple([z.number(), z.number(), z.number()])])
const mean = channels.refine(
  (values) => values.every((v) => v >= 0 && v <= 1),
  'each must lie between 0 and 1',
)
const std = channels.refine(
  (values) => values.every((v) => v >= 0.05 && v <= 1),
  'each must lie between 0.05 and 1',
)

/** What a file of weights cannot say about itself; `teacher.abd.yml` beside `teacher.pt`, or `abd.yaml` in its folder. */
export const Card = z.strictObject({
  version: z.literal(1).default(1),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('Of the model file; a card of another file is an error'),
  architecture: z.string().max(64).optional(),
  input: z
    .tuple([z.int().min(1).max(512), z.int().min(1).max(512), z.int().min(1).max(4)])
    .optional()
    .describe('Height, width, channels'),
  mean: mean.optional().describe('Subtracted from pixel / 255, one number a channel'),
  std: std.optional().describe('Divided by, after the mean'),
  classes: z.int().min(2).max(100_000).optional(),
  labels: z.array(z.string().max(200)).max(100_000).optional().describe('Class names, in order'),
  notes: z.string().max(10_000).optional(),
})
export type Card = z.infer<typeof Card>

/** YAML is read in a time that grows with the square of its keys. */
const MAX_BYTES = 100_000

const withoutExtension = (modelPath: string) =>
  join(dirname(modelPath), basename(modelPath, extname(modelPath)))

/** Where a model's own card is written: `teacher.pt` → `teacher.abd.yml`. */
export const cardPath = (modelPath: string): string => `${withoutExtension(modelPath)}.abd.yml`

/** Names of cards that are about every model of their folder. */
const FOLDER_CARDS: readonly string[] = ['abd.yaml', 'abd.yml']

/** Where a model's card may be; the first that is there is the model's. */
export const cardPaths = (modelPath: string): readonly string[] => [
  cardPath(modelPath),
  `${withoutExtension(modelPath)}.abd.yaml`,
  ...FOLDER_CARDS.map((name) => join(dirname(modelPath), name)),
]

/** A model's card, or undefined where there is none. Throws E_CARD where it is not one. */
export async function readCard(modelPath: string): Promise<Card | undefined> {
  return (await findCard(modelPath))?.card
}

async function findCard(
  modelPath: string,
): Promise<{readonly card: Card; readonly path: string} | undefined> {
  for (const path of cardPaths(modelPath)) {
    const text = await readCardFile(path)
    if (text !== undefined) return {card: parseCard(text, path), path}
  }
  return undefined
}

const readCardFile = (path: string): Promise<string | undefined> =>
  readTextFile(path, {most: MAX_BYTES}).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw environmentError({
      code: 'E_CARD',
      message: `The model card ${path} cannot be read: ${reasonOf(error)}.`,
      hints: ['Mend the model card or move it away.'],
      cause: error,
    })
  })

/** The card of a model file of that hash, or undefined. Throws E_CARD, and E_CARD_MISMATCH for a card of another file. */
export async function checkedCard(modelPath: string, sha256: string): Promise<Card | undefined> {
  const {card, path} = (await findCard(modelPath)) ?? {}
  if (card?.sha256 && card.sha256 !== sha256)
    throw environmentError({
      code: 'E_CARD_MISMATCH',
      message: `The model card ${path} is about another file than ${modelPath}: it says sha256 ${card.sha256}, the file has ${sha256}.`,
      hints: ['Update the card, or move it away.'],
    })
  return card
}

export function parseCard(text: string, path: string): Card {
  const fail = (message: string, cause?: unknown) =>
    environmentError({
      code: 'E_CARD',
      message: `${path}: ${message}`,
      hints: ['Mend the model card or move it away.'],
      cause,
    })
  if (text.length > MAX_BYTES) throw fail(`larger than ${MAX_BYTES} bytes, so not a model card.`)
  return checkedYaml(text, Card, {of: 'card', known: Object.keys(Card.shape), fail})
}

/** Writes the card beside the model, atomically; returns its path. */
export async function writeCard(modelPath: string, card: Card): Promise<string> {
  const path = cardPath(modelPath)
  await writeAtomic(path, [stringify(Card.parse(card))])
  return path
}
