import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {AbdError} from '@abd/core'
import {readModelFile, type ModelFile, type ReadModelFileOptions} from '@abd/core/modelfile'
import {afterAll, beforeAll, expect} from 'vitest'

/** A folder for the files of one test file, and what most tests do with them. */
export function scratch() {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'abd-modelfile-'))
  })
  afterAll(() => rm(folder, {recursive: true, force: true}))

  const path = (name: string) => join(folder, name)
  const write = async (name: string, bytes: Uint8Array | string) => {
    await writeFile(path(name), bytes)
    return path(name)
  }
  const read = async (
    name: string,
    bytes: Uint8Array | string,
    options?: ReadModelFileOptions,
  ): Promise<ModelFile> => readModelFile(await write(name, bytes), options)
  return {path, write, read}
}

/** The AbdError that a promise rejects with; fails on any other outcome. */
export async function refusal(promise: Promise<unknown>): Promise<AbdError> {
  const outcome = await promise.then(
    () => 'no error',
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(AbdError)
  return outcome as AbdError
}

export const rules = ({scan}: ModelFile): string[] => scan.map(({rule, severity}) => `${rule} ${severity}`)

/** A tensor's numbers, as a plain array. */
export const values = (file: ModelFile, name: string): number[] =>
  Array.from(file.stateDict.get(name)!.data, Number)
