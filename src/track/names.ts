import {createHash} from 'node:crypto'

/** MLflow's limits (measured on 3.17). Longer values are cut by the server without a word, so they are cut here, with one. */
export const LONGEST_PARAM = 6000
export const LONGEST_TAG = 8000
const LONGEST_KEY = 250

/** What stands for characters that MLflow does not take in the name of a metric, a parameter or a tag. */
const words: Readonly<Record<string, string>> = {'@': '_at_', '%': '_percent', '+': '_plus_', '&': '_and_'}

/**
 * A name that MLflow takes: `recall@5` is `recall_at_5`. Letters, digits, `_ - . : /` and spaces stay; slashes neither
 * begin nor end it nor stand together, and `..` leads nowhere.
 */
export function storableKey(name: string): string {
  const plain = name
    .replaceAll(/[@%+&]/g, (character) => words[character]!)
    .replaceAll(/[^\p{L}\p{N}_ \-.:/]/gu, '_')
    .replaceAll(/\.{2,}/g, '_')
    .replaceAll(/\/{2,}/g, '/')
    .replaceAll(/^[/\s]+|[/\s]+$/g, '')
    .replaceAll(/(^|\/)\.(?=\/|$)/g, '$1_')
  const key = plain === '' ? '_' : plain
  if (key.length <= LONGEST_KEY) return key
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${key.slice(0, LONGEST_KEY - 9).replace(/\/$/, '')}-${hash}`
}

/** Every value by its dotted path, as text: numbers and words as they are, lists as JSON; undefined is left out. */
export function flattened(values: Readonly<Record<string, unknown>>): Map<string, string> {
  const flat = new Map<string, string>()
  const visit = (value: unknown, path: string) => {
    if (value === undefined) return
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`)
      return
    }
    flat.set(path, typeof value === 'string' ? value : JSON.stringify(value))
  }
  visit(values, '')
  return flat
}
