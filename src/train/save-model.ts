import {createHash} from 'node:crypto'
import {readFile} from 'node:fs/promises'
import {extname} from 'node:path'
import type {Card} from '../audit/card.ts'
import {usageError} from '../errors.ts'
import {writeSafetensors} from '../modelfile/safetensors/write.ts'
import {writeTorchZip} from '../modelfile/torch/write-zip.ts'
import type {Model} from '../nn/model.ts'
import {toStateDict} from '../nn/to-state-dict.ts'

const extensions = ['.safetensors', '.pt', '.pth'] as const

/** Throws E_MODEL_FORMAT for a path that says no format models are written in: before the work that is to go there. */
export function checkModelPath(path: string): void {
  const extension = extname(path).toLowerCase()
  if (extensions.some((known) => known === extension)) return
  throw usageError({
    code: 'E_MODEL_FORMAT',
    message: `Models are not written as '${path}'.`,
    hints: [`Name a file that ends in ${extensions.join(', ')}.`],
  })
}

/** What its card says of a file of weights. */
export type Saved = Card &
  Required<Pick<Card, 'sha256' | 'architecture' | 'input' | 'mean' | 'std' | 'classes'>>

/**
 * Writes a model's weights, in the format that the path's extension names; the file appears whole or not at all.
 * `metadata` goes into safetensors' header; PyTorch's format has no place for it. Throws E_MODEL_FORMAT.
 */
export async function saveModel(
  path: string,
  {network, normalisation}: Model,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Saved> {
  checkModelPath(path)
  const stateDict = await toStateDict(network)
  if (extname(path).toLowerCase() === '.safetensors')
    await writeSafetensors(path, stateDict, {format: 'pt', ...metadata})
  else await writeTorchZip(path, stateDict)
  const {name, classes, input} = network.architecture
  return {
    version: 1,
    sha256: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
    architecture: name,
    input: [...input],
    mean: [...normalisation.mean] as Saved['mean'],
    std: [...normalisation.std] as Saved['std'],
    classes,
  }
}
