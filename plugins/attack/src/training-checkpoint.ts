import type {Context} from '@abd/core'
import {checkpointPath, differences, usageError} from '@abd/core'
import type {StateDict} from '@abd/core/modelfile'
import {writeSafetensors} from '@abd/core/modelfile'
import type {Epoch, Resumable} from '@abd/core/train'
import {checkpointKeeper, readCheckpointFile, removeCheckpoint, savedTensor} from '@abd/core/train'

/** What was kept of a training that did not end. */
export interface KeptTraining {
  readonly path: string
  readonly configuration: unknown
  readonly epochs: readonly Epoch[]
  readonly saved: StateDict
}

const EPOCHS = 'epochs'

const hints = ['Start anew, without --resume.', 'A training that ends well removes its checkpoint.']

/** The checkpoint beside a teacher's file. Throws E_CHECKPOINT where there is none. */
export async function openTraining(out: string): Promise<KeptTraining> {
  const path = checkpointPath(out)
  const {stateDict, metadata} = await readCheckpointFile(path, hints)
  const configuration = metadata['abd'] === 'training' ? parsed(metadata['configuration']) : undefined
  if (configuration === undefined)
    throw usageError({code: 'E_CHECKPOINT', message: `${path} is no checkpoint of a training.`, hints})
  return {path, configuration, epochs: epochsIn(stateDict), saved: stateDict}
}

export interface TrainingKeeper {
  /** After the last of these epochs. Could it be written? */
  keep(epochs: readonly Epoch[]): Promise<boolean>
  remove(): Promise<void>
}

/**
 * Keeps a training after its epochs, in one file that replaces the one before only when it is whole. Where it cannot be
 * written the training goes on, and that is said once. `configuration` is all that decides the teacher.
 */
export function trainingKeeper(
  out: string,
  {configuration, state}: {readonly configuration: unknown; readonly state: Resumable},
  progress: Context['progress'],
): TrainingKeeper {
  const path = checkpointPath(out)
  return {
    keep: checkpointKeeper(async (epochs) => {
      const all = new Map([...(await state.save()), [EPOCHS, epochsOut(epochs)]])
      await writeSafetensors(path, all, {abd: 'training', configuration: JSON.stringify(configuration)})
    }, progress),
    remove: () => removeCheckpoint(path),
  }
}

/** Throws E_CHECKPOINT where that training was another one, and tells in what. */
export function checkSameTraining({path, configuration}: KeptTraining, here: unknown): void {
  const apart = differences(configuration, parsed(JSON.stringify(here)))
  if (apart.length > 0)
    throw usageError({
      code: 'E_CHECKPOINT',
      message: `${path} is of another training: ${apart.slice(0, 5).join('; ')}.`,
      hints: ['Give the options it was started with, or start anew, without --resume.'],
    })
}

/** A row for each: loss, accuracy and ASR, which is NaN where there is none. */
const epochsOut = (epochs: readonly Epoch[]) => ({
  dtype: 'float64' as const,
  shape: [epochs.length, 3],
  data: Float64Array.from(epochs.flatMap(({loss, accuracy, asr = Number.NaN}) => [loss, accuracy, asr])),
})

function epochsIn(saved: StateDict): Epoch[] {
  const {data, shape} = savedTensor(saved, EPOCHS, {dtype: 'float64'})
  return Array.from({length: shape[0] ?? 0}, (_, i) => {
    const [loss, accuracy, asr] = [...data.slice(3 * i, 3 * i + 3)].map(Number) as [number, number, number]
    return {epoch: i + 1, loss, accuracy, ...(Number.isNaN(asr) ? {} : {asr})}
  })
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
