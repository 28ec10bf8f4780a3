import {posix} from 'node:path'
import picomatch from 'picomatch'
import {cardPaths} from '../../../src/audit/card.ts'
import type {Changed} from './changed-files.ts'
import type {WorkTree} from './work-tree.ts'

/** `teacher.abd.yml`, or `abd.yaml` for every model of the folder. */
const CARD = /^(?:.+\.)?abd\.ya?ml$/
const BY_CONTENT = 'content:'

export interface Matcher {
  /** Whatever it holds. */
  byName(path: string): boolean
  /** If it holds a model. */
  byContent(path: string): boolean
}

/** Which paths are models by the globs: a line with `content:` asks for the content as well, one with `!` leaves out. */
export function createMatcher(globs: readonly string[]): Matcher {
  // A file called TEACHER.PT or .cache/x.pt is a model too.
  const options = {dot: true, nocase: true}
  const matching = (only: readonly string[]) => {
    const matches = only.length === 0 ? () => false : picomatch([...only], options)
    // A glob's wildcards are a regular expression's dot: they match no line break.
    return (path: string) => matches(path.replace(/[\n\r\u2028\u2029]/g, '_'))
  }
  const after = (prefix: string) =>
    matching(globs.filter((glob) => glob.startsWith(prefix)).map((glob) => glob.slice(prefix.length)))
  const unwanted = after('!')
  const content = after(BY_CONTENT)
  const named = matching(globs.filter((glob) => !glob.startsWith('!') && !glob.startsWith(BY_CONTENT)))
  return {
    byName: (path) => named(path) && !unwanted(path),
    byContent: (path) => content(path) && !unwanted(path),
  }
}

/**
 * The models among the changed files; those whose card changed or went: a card says how a model wants its input, so a new
 * one is a new model; and those that name a changed file beside them, which holds their weights. What is a folder (a
 * submodule) counts with all that lies in it.
 */
export async function selectModels(
  {paths, gone}: Pick<Changed, 'paths' | 'gone'>,
  {byName, byContent}: Matcher,
  tree: WorkTree,
): Promise<string[]> {
  const isModel = async (path: string) => byName(path) || (byContent(path) && (await tree.holdsModel(path)))
  const models = new Set<string>()
  const touched = new Map<string, string[]>()
  const touch = (path: string) => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    touched.set(folder, [...(touched.get(folder) ?? []), path.slice(folder.length)])
  }
  for (const changed of paths)
    for (const path of [changed, ...(await tree.below(changed))]) {
      if (await isModel(path)) models.add(path)
      touch(path)
    }
  for (const path of gone) touch(path)
  for (const [folder, names] of touched) {
    const cards = names.filter((name) => CARD.test(name)).map((name) => posix.join(folder, name))
    for (const name of await tree.names(folder)) {
      const path = `${folder}${name}`
      if (models.has(path) || !(await isModel(path))) continue
      const itsCard = cardPaths(path).some((card) => cards.includes(card))
      if (itsCard || (await tree.mentions(path, names))) models.add(path)
    }
  }
  return [...models].sort()
}

/** The n-th of m shares, as in '2/3'. Every model is in one of them. */
export function shareOf<T>(items: readonly T[], shard: string): T[] {
  const [n = 1, m = 1] = shard.split('/').map(Number)
  return items.filter((_, i) => i % m === n - 1)
}
