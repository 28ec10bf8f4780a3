import type {Point} from './points.ts'
import {labelOf} from './points.ts'

const PLACEHOLDER = /\{([A-Za-z][A-Za-z0-9_]*)\}/g

/** Names in braces, each once. */
export const placeholdersIn = (words: readonly string[]): readonly string[] => [
  ...new Set(words.flatMap((word) => [...word.matchAll(PLACEHOLDER)].map(([, name]) => name!))),
]

/** With the parameters' values in their places; a word that is nothing but a parameter can become several, or none. */
export const fillIn = (words: readonly string[], point: Point): readonly string[] =>
  words.flatMap((word) => {
    const alone = /^\{(\w+)\}$/.exec(word)?.[1]
    const value = alone === undefined || !Object.hasOwn(point, alone) ? undefined : point[alone]
    return typeof value === 'object' ? value.words.map(String) : [fillWord(word, point)]
  })

const fillWord = (word: string, point: Point): string =>
  word.replaceAll(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(point, name) ? labelOf(point[name]!) : whole,
  )

/** With folders in their places. */
export const fillFolders = (
  words: readonly string[],
  folders: Readonly<Record<string, string>>,
): readonly string[] =>
  words.map((word) =>
    word.replaceAll(PLACEHOLDER, (whole, name: string) =>
      Object.hasOwn(folders, name) ? folders[name]! : whole,
    ),
  )
