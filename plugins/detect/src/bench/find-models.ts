import {environmentError, usageError} from '@abd/core'
import {readFile, readdir} from 'node:fs/promises'
import {join, relative} from 'node:path'
import {z} from 'zod'
import {Sidecar} from './sidecar.ts'

export interface KnownModel {
  readonly path: string
  /** From the folder on, with slashes: what it is called in tables. */
  readonly name: string
  readonly sidecar: Sidecar
}

export interface Found {
  readonly models: readonly KnownModel[]
  /** Names of model files without a sidecar: nobody knows what they are, so they are left out. */
  readonly unknown: readonly string[]
}

const extension = /\.(safetensors|pt|pth)$/

/**
 * The models of a folder and the folders in it, by name, each with its sidecar. Links are not followed. Throws
 * E_NO_MODELS, and E_SIDECAR naming the file for one that cannot be understood.
 */
export async function findModels(folder: string): Promise<Found> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(
    (cause: NodeJS.ErrnoException) => {
      throw noModels(`The folder ${folder} cannot be read (${cause.code}).`)
    },
  )
  const paths = entries
    .filter((entry) => entry.isFile() && extension.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const models: KnownModel[] = []
  const unknown: string[] = []
  for (const path of paths) {
    const name = relative(folder, path).replaceAll('\\', '/')
    const sidecar = await readSidecar(path.replace(extension, '.json'))
    if (sidecar) models.push({path, name, sidecar})
    else unknown.push(name)
  }
  if (models.length === 0)
    throw noModels(
      paths.length === 0
        ? `${folder} holds no .safetensors, .pt or .pth file.`
        : `None of the ${paths.length} models in ${folder} has a sidecar.`,
    )
  return {models, unknown}
}

const noModels = (message: string) =>
  usageError({
    code: 'E_NO_MODELS',
    message,
    hints: [
      'Beside each model NAME.pt put NAME.json: {"attack": "clean"} or {"attack": "badnet_grid", "target": 0}.',
    ],
  })

async function readSidecar(path: string): Promise<Sidecar | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw refused(path, (error as Error).message)
  }
  try {
    return Sidecar.parse(JSON.parse(text))
  } catch (error) {
    throw refused(path, error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message)
  }
}

const refused = (path: string, why: string) =>
  environmentError({
    code: 'E_SIDECAR',
    message: `${path} does not say what its model is: ${why}`,
    hints: [
      'It needs "attack" ("clean" or a name), and may have "target", "mean", "std", "arch" and "dataset".',
    ],
  })
