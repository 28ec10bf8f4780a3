import {stat} from 'node:fs/promises'
import {cardPath, readCard} from './card.ts'
import {environmentError, usageError} from '../errors.ts'
import {checkModelPath} from '../train/save-model.ts'

/**
 * Before the work whose result is to go to `path`: it names a format that models are written in, is no folder, is not
 * one of the files the work starts from, and its card would not replace that of another model beside it.
 * Throws E_MODEL_FORMAT, E_OUT_IN_USE (exit code 2) and E_OUT_UNWRITABLE.
 */
export async function checkOutput(path: string, inputs: readonly string[] = []): Promise<void> {
  checkModelPath(path)
  const [there, ...others] = await Promise.all(
    [path, ...inputs].map((file) => stat(file).catch(() => undefined)),
  )
  if (there?.isDirectory())
    throw environmentError({
      code: 'E_OUT_UNWRITABLE',
      message: `Cannot write to ${path}: a folder of that name is in the way.`,
      hints: ['Choose another name with --out.'],
    })
  const inUse = (message: string) =>
    usageError({code: 'E_OUT_IN_USE', message, hints: ['Choose another name with --out.']})
  if (there && others.some((other) => other?.ino === there.ino && other.dev === there.dev))
    throw inUse(`--out ${path} is the teacher itself.`)
  const cards = inputs.map(cardPath)
  if (cards.includes(cardPath(path)))
    throw inUse(`The card of ${path} would replace that of the teacher, ${cardPath(path)}.`)
  const card = there ? undefined : await readCard(path)
  if (card) throw inUse(`The card of ${path} would replace ${cardPath(path)}, which is about another model.`)
}
