import {stat} from 'node:fs/promises'
import {resolve} from 'node:path'
import {cardPath} from './card.ts'
import {environmentError, usageError} from '../errors.ts'
import {isSameFile} from '../is-same-file.ts'
import {checkModelPath} from '../train/save-model.ts'

/**
 * Before the work whose result is to go to `path`: it names a format that models are written in, is no folder, is not
 * one of the files the work starts from, and its card would not replace that of another model beside it.
 * Throws E_MODEL_FORMAT, E_OUT_IN_USE (exit code 2) and E_OUT_UNWRITABLE.
 */
export async function checkOutput(path: string, inputs: readonly string[] = []): Promise<void> {
  checkModelPath(path)
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory())
    throw environmentError({
      code: 'E_OUT_UNWRITABLE',
      message: `Cannot write to ${path}: a folder of that name is in the way.`,
      hints: ['Choose another name with --out.'],
    })
  const inUse = (message: string) =>
    usageError({code: 'E_OUT_IN_USE', message, hints: ['Choose another name with --out.']})
  for (const input of inputs) {
    if (await isSameFile(path, input)) throw inUse(`--out ${path} is the teacher itself.`)
    const [own, others] = [cardPath(path), cardPath(input)]
    if (resolve(own) === resolve(others) || (await isSameFile(own, others)))
      throw inUse(`The card of ${path} would replace that of the teacher, ${others}.`)
  }
  const card = there ? undefined : await stat(cardPath(path)).catch(() => undefined)
  if (card) throw inUse(`The card of ${path} would replace ${cardPath(path)}, which is about another model.`)
}
