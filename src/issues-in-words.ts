import type {z} from 'zod'
import {nearest} from './nearest.ts'

const FEW = 5

/**
 * What a schema found wrong, in one line: the first few places, for an unknown key the nearest known one. `of` names the
 * whole.
 */
export function issuesInWords(
  issues: readonly z.core.$ZodIssue[],
  {of, known = []}: {readonly of: string; readonly known?: readonly string[]},
): string {
  const words = issues.flatMap((issue) => {
    const at = issue.path.join('.') || of
    if (issue.code !== 'unrecognized_keys') return [`${at}: ${issue.message}`]
    return issue.keys.map((key) => {
      const close = nearest(key, known)
      return `${at}: unknown key '${key}'${close ? `, did you mean '${close}'?` : ''}`
    })
  })
  const more = words.length - FEW
  return [...words.slice(0, FEW), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}
