import type {z} from 'zod'
import {issuesInWords} from './issues-in-words.ts'
import {parseLocated, YamlError} from './located-yaml.ts'
import type {LocatedYaml, Place} from './located-yaml.ts'

/**
 * YAML of a schema. `fail` makes the error of what is wrong, in one line with line and column, and for an unknown key the
 * nearest of `known`. `of` names the whole; `empty` is what nothing at all stands for.
 */
export function checkedYaml<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  {
    of,
    known,
    empty,
    fail,
  }: {
    readonly of: string
    readonly known: readonly string[]
    readonly empty?: unknown
    readonly fail: (message: string, cause?: unknown) => Error
  },
): z.output<Schema> {
  let yaml: LocatedYaml
  try {
    yaml = parseLocated(text)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw fail(`not YAML: ${error.message}${inWords(error.place)}`, error)
  }
  const parsed = schema.safeParse(yaml.value ?? empty)
  if (parsed.success) return parsed.data
  const place = (path: readonly PropertyKey[], key: boolean) => inWords(yaml.placeOf(path, {key}))
  throw fail(issuesInWords(parsed.error.issues, {of, known, place}))
}

const inWords = ({line, column}: Place): string => ` (line ${line}, column ${column})`
