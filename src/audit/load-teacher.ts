import type {Context} from '../context.ts'
import type {Normalisation} from '../data/images.ts'
import {oodPatches} from '../data/patches.ts'
import {dangerError} from '../errors.ts'
import {readModelFile} from '../modelfile/read-model-file.ts'
import {isDangerous} from '../modelfile/model-file.ts'
import type {ModelFile} from '../modelfile/model-file.ts'
import {createModel} from '../nn/create-model.ts'
import type {Model, Network} from '../nn/model.ts'
import {architectureHints} from './architecture-hints.ts'
import {checkedCard} from './card.ts'
import type {Card} from './card.ts'
import {loadNetwork} from './load-network.ts'
import {parseNumbers} from './parse-options.ts'
import {preprocessingCandidates} from './preprocessing.ts'

export interface TeacherFile {
  readonly path: string
  readonly architecture?: string
  /** '0.5,0.5,0.5'; both or none. */
  readonly mean?: string
  readonly std?: string
}

export interface Teacher {
  readonly model: Model
  readonly sha256: string
  readonly labels: readonly string[] | undefined
}

/**
 * A teacher from its file, with what its card says. The input's normalisation is the user's, else the card's, else a
 * guess, and then it is said. Throws E_MODEL_DANGEROUS for a file that would run code, and what its readers throw.
 */
export async function loadTeacher(
  {path, architecture, mean, std}: TeacherFile,
  context: Context,
): Promise<Teacher> {
  const given = mean !== undefined && std !== undefined ? parseNumbers(mean, std) : undefined
  const {file, card} = await readWithCard(path, context)
  const network = await loadNetwork(file, architectureHints(card, {architecture}), context)
  const normalisation = await normalisationOf(network, {given, card}, context)
  return {model: createModel(network, normalisation), sha256: file.sha256, labels: card?.labels}
}

/**
 * A model file that may be loaded, and the card beside it, where there is one. Throws E_MODEL_DANGEROUS for a file that
 * would run code, E_CARD_MISMATCH for a card of another file, and what their readers throw.
 */
export async function readWithCard(
  path: string,
  {signal}: Pick<Context, 'signal'>,
): Promise<{readonly file: ModelFile; readonly card: Card | undefined}> {
  const file = await readModelFile(path, {signal})
  if (isDangerous(file.scan))
    throw dangerError({
      code: 'E_MODEL_DANGEROUS',
      message: `${path} is not loaded: ${file.scan[0]!.message}`,
      hints: [`See what it holds with: abd audit ${path}`],
    })
  return {file, card: await checkedCard(path, file.sha256)}
}

async function normalisationOf(
  network: Network,
  {given, card}: {given: Normalisation | undefined; card: Card | undefined},
  {progress}: Context,
): Promise<Normalisation> {
  const [height, width, channels] = network.architecture.input
  const patches = await oodPatches({count: 200, shape: {height, width, channels}, seed: 'normalisation'})
  const [{mean, std, source, name}] = await preprocessingCandidates(network, patches, {flags: given, card})
  if (source === 'guessed')
    progress.note(
      `No card says how the teacher wants its input: mean ${mean.join(', ')} and std ${std.join(', ')} (${name}) fit it best. Give --mean and --std to be sure.`,
    )
  return {mean, std}
}
