import type {z} from 'zod'
import {nearest} from './nearest.ts'

const FEW = 5

export interface InWordsOptions {
  /** Names the whole. */
  readonly of: string
  readonly known?: readonly string[]
  /** Words for where in a text the value of a path stands, or its key. */
  readonly place?: (path: readonly PropertyKey[], key: boolean) => string
}

/** What a schema found wrong, in one line: the first few places, for an unknown key the nearest known one. */
export function issuesInWords(
  issues: readonly z.core.$ZodIssue[],
  {of, known = [], place = () => ''}: InWordsOptions,
): string {
  const found = issues.flatMap((issue) => {
    const {path, message} = issue
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [null]
    return keys.map((key) => ({path, message, key}))
  })
  const words = found.slice(0, FEW).map(({path, message, key}) => {
    const at = path.join('.') || of
    if (key === null) return `${at}: ${message}${place(path, false)}`
    const close = nearest(key, known)
    return `${at}: unknown key '${key}'${place([...path, key], true)}${close ? `, did you mean '${close}'?` : ''}`
  })
  const more = found.length - FEW
  return [...words, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}
