import {LineCounter, isMap, isNode, parseDocument, visit} from 'yaml'
import type {Alias, Document, Node} from 'yaml'

type Path = readonly PropertyKey[]

/** Both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** YAML that knows where things stand. */
export interface LocatedYaml {
  readonly value: unknown
  /** Of the key or the value there; of the nearest one above where there is none. */
  placeOf(path: Path, options?: {readonly key?: boolean}): Place
}

/** What YAML refuses. */
export class YamlError extends Error {
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message)
    this.name = 'YamlError'
    this.place = place
  }
}

/** Without anchors' copies: they make large documents of small ones. Throws YamlError. */
export function parseLocated(text: string): LocatedYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, {lineCounter: lines, logLevel: 'error', prettyErrors: false})
  const at = (offset: number): Place => {
    const {line, col} = lines.linePos(offset)
    return {line, column: col}
  }
  const [error] = document.errors
  if (error) {
    const isSecond = error.code === 'MULTIPLE_DOCS'
    const why = isSecond ? 'a second document begins with ---, where one alone is read' : error.message
    throw new YamlError(why, at(error.pos[0]))
  }
  const alias = firstAlias(document)
  if (alias)
    throw new YamlError(
      `the alias *${alias.source} is not read: write its value out`,
      at(alias.range?.[0] ?? 0),
    )
  return {
    value: document.toJS({maxAliasCount: 0}),
    placeOf(path, {key = false} = {}) {
      for (let length = path.length; length > 0; length--) {
        const node = nodeAt(document, path.slice(0, length), key && length === path.length)
        if (node?.range) return at(node.range[0])
      }
      return at(document.contents?.range?.[0] ?? 0)
    },
  }
}

function firstAlias(document: Document): Alias | undefined {
  let first: Alias | undefined
  visit(document, {
    Alias(_, node) {
      first = node
      return visit.BREAK
    },
  })
  return first
}

function nodeAt(document: Document, path: Path, key: boolean): Node | undefined {
  const above = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  if (key && isMap(above)) {
    const pair = above.items.find((item) => isNode(item.key) && String(item.key) === String(path.at(-1)))
    if (isNode(pair?.key)) return pair.key
  }
  const node = document.getIn(path, true)
  return isNode(node) ? node : undefined
}
