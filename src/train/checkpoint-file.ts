import {rm} from 'node:fs/promises'
import type {Context} from '../context.ts'
import {AbdError, usageError} from '../errors.ts'
import type {ModelFile} from '../modelfile/model-file.ts'
import {readModelFile} from '../modelfile/read-model-file.ts'

/** Writes a checkpoint and tells whether it could: where it cannot, the run goes on, and that is said once. */
export function checkpointKeeper<Given extends readonly unknown[]>(
  write: (...given: Given) => Promise<void>,
  progress: Context['progress'],
): (...given: Given) => Promise<boolean> {
  let told = false
  return async (...given) => {
    try {
      await write(...given)
      return true
    } catch (error) {
      if (!told) progress.note(`No checkpoint can be kept: ${(error as Error).message}`)
      told = true
      return false
    }
  }
}

/** Throws E_CHECKPOINT where there is none, and what reading a model file throws. */
export const readCheckpointFile = (path: string, hints: readonly string[]): Promise<ModelFile> =>
  readModelFile(path).catch((error: unknown) => {
    if (error instanceof AbdError && error.code === 'E_FILE_MISSING')
      throw usageError({
        code: 'E_CHECKPOINT',
        message: `There is nothing to go on from: ${path} is not there.`,
        hints,
        cause: error,
      })
    throw error
  })

export const removeCheckpoint = (path: string): Promise<void> => rm(path, {force: true})
