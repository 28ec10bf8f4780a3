import {stat} from 'node:fs/promises'
import {z, ZodError} from 'zod'
import {checkpointPath} from '../checkpoint-path.ts'
import {AbdError, usageError} from '../errors.ts'
import {issuesInWords} from '../issues-in-words.ts'
import {writeSafetensors} from '../modelfile/safetensors/write.ts'
import type {StateDict} from '../modelfile/state-dict.ts'
import {readCheckpointFile} from '../train/checkpoint-file.ts'
import {savedTensor} from '../train/resumable.ts'
import type {Resumable} from '../train/resumable.ts'
import {Configuration, decisiveDifferences, identityOf} from './configuration.ts'
import {decodeJournal, encodeJournal} from './journal.ts'
import type {Journal} from './journal.ts'

interface Run {
  readonly configuration: Configuration
  readonly journal: Journal
}

const Metadata = z.object({
  abd: z.literal('checkpoint'),
  identity: z.string(),
  configuration: z.string(),
})

const JOURNAL = 'journal'

/** A run's journal and state in one file, which replaces the one before only when it is whole. */
export async function writeCheckpoint(
  path: string,
  {configuration, journal}: Run,
  state: Resumable,
): Promise<void> {
  const data = encodeJournal(journal)
  // Among the tensors: a header may not be as long as a journal can get.
  const all = new Map([...(await state.save()), [JOURNAL, {dtype: 'uint8', shape: [data.length], data}]])
  await writeSafetensors(path, all, {
    abd: 'checkpoint',
    identity: identityOf(configuration),
    configuration: JSON.stringify(configuration),
  })
}

/** What a checkpoint holds. */
interface Checkpoint {
  readonly identity: string
  /** As JSON. */
  readonly configuration: string
  readonly journal: Journal
  /** What `Resumable.restore` takes. */
  readonly saved: StateDict
}

/**
 * Brings the state to where the checkpoint of this very run left it. Throws E_CHECKPOINT for a file that is not there, is
 * none, or is of a run with another configuration.
 */
export async function readCheckpoint(
  path: string,
  configuration: Configuration,
  state: Resumable,
): Promise<Journal> {
  const {identity, saved, journal, ...there} = await open(path, [
    'Start anew, without --resume.',
    'A run that ends well removes its checkpoint, unless told to --keep-checkpoint.',
  ])
  if (identity !== identityOf(configuration))
    throw usageError({
      code: 'E_CHECKPOINT',
      message: `${path} is of another run: ${inWords(there.configuration, configuration)}.`,
      hints: ['Give the options it was started with, or start anew, without --resume.'],
    })
  await state.restore(saved)
  return journal
}

/** A checkpoint to begin something else from. Throws E_CHECKPOINT for a file that is not there or is none. */
export async function openCheckpoint(
  path: string,
): Promise<Omit<Checkpoint, 'configuration'> & {readonly configuration: Configuration}> {
  const hints = ['A distillation keeps one beside its student with --keep-checkpoint.']
  const opened = await open(path, hints)
  const configuration = Configuration.safeParse(parsedJson(opened.configuration))
  if (!configuration.success)
    throw noCheckpoint(path, issuesInWords(configuration.error.issues, {of: 'its configuration'}), hints)
  return {...opened, configuration: configuration.data}
}

async function open(path: string, hints: readonly string[]): Promise<Checkpoint> {
  const {stateDict, metadata} = await readCheckpointFile(path, hints)
  if (metadata['abd'] !== 'checkpoint') throw await noDistillation(path, hints)
  const parsed = Metadata.safeParse(metadata)
  if (!parsed.success) throw noCheckpoint(path, issuesInWords(parsed.error.issues, {of: 'its header'}), hints)
  const {identity, configuration} = parsed.data
  return {identity, configuration, saved: stateDict, journal: journalIn(stateDict, path, hints)}
}

/** A student is taken for the checkpoint beside it. */
async function noDistillation(path: string, hints: readonly string[]): Promise<AbdError> {
  const beside = checkpointPath(path)
  const isThere = await stat(beside).catch(() => undefined)
  return noCheckpoint(
    path,
    'it holds weights, and not what a distillation goes on with',
    isThere ? [`Beside it there is one: ${beside}`] : hints,
  )
}

function journalIn(stateDict: StateDict, path: string, hints: readonly string[]): Journal {
  try {
    return decodeJournal(savedTensor(stateDict, JOURNAL, {dtype: 'uint8'}).data as Uint8Array)
  } catch (error) {
    if (error instanceof AbdError) throw noCheckpoint(path, 'it has no journal', hints)
    const why =
      error instanceof ZodError ? issuesInWords(error.issues, {of: 'its journal'}) : 'its journal is no JSON'
    throw noCheckpoint(path, why, hints)
  }
}

function inWords(there: string, here: Configuration): string {
  try {
    return decisiveDifferences(parsedJson(there) as Configuration, here)
      .slice(0, 5)
      .join('; ')
  } catch {
    return 'its configuration cannot be read'
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const noCheckpoint = (path: string, why: string, hints: readonly string[]) =>
  usageError({code: 'E_CHECKPOINT', message: `${path} is no checkpoint: ${why}.`, hints})
