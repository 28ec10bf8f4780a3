import type {z} from 'zod'

/**
 * The JSON of a file from elsewhere, as its schema has it. `refuse` makes the error that is thrown of the reason, a sentence: what is no
 * JSON, or the first place where the schema does not hold.
 */
export function parseJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  refuse: (why: string, cause?: unknown) => Error,
): z.output<Schema> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refuse('it is not JSON.', error)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refuse(`${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`)
}
