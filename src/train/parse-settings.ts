import type {z} from 'zod'
import {usageError} from '../errors.ts'
import {nearest} from '../nearest.ts'

/**
 * `['epochs=5', 'loss=mean']` to `{epochs: 5, loss: 'mean'}`: what reads as a number, true or false is one, all else a
 * word. The last of several with one name counts. Throws E_SETTING.
 */
export function parseSettings(texts: readonly string[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    texts.map((text) => {
      const match = /^([A-Za-z]\w*)=(.+)$/s.exec(text)
      if (match) return [match[1]!, valueOf(match[2]!)]
      throw usageError({
        code: 'E_SETTING',
        message: `--set ${text} sets nothing.`,
        hints: ['Write --set NAME=VALUE, as in --set epochs=10.'],
      })
    }),
  )
}

/**
 * Settings and what a flag `--epochs`, which stands for one of them, adds to them. Throws E_SETTING where both are given.
 */
export function withEpochs(settings: readonly string[] = [], epochs?: number): readonly string[] {
  if (epochs === undefined) return settings
  const other = settings.find((text) => text.startsWith('epochs='))
  if (other === undefined) return [...settings, `epochs=${epochs}`]
  throw usageError({
    code: 'E_SETTING',
    message: `--epochs ${epochs} and --set ${other} say the same thing twice.`,
    hints: ['Leave one of them out.'],
  })
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text
}

/** Options checked by their schema, defaults filled in. Throws E_OPTIONS, naming each setting that is wrong. */
export function resolveOptions<S extends z.ZodObject>(
  schema: S,
  settings: Readonly<Record<string, unknown>>,
  of: string,
): z.infer<S> {
  const known = Object.keys(schema.shape)
  const stranger = Object.keys(settings).find((name) => !known.includes(name))
  if (stranger !== undefined) {
    const close = nearest(stranger, known)
    throw usageError({
      code: 'E_OPTIONS',
      message: `${of} has no option '${stranger}'.`,
      hints: [close ? `Did you mean '${close}'?` : `It has ${known.join(', ')}.`],
    })
  }
  const parsed = schema.safeParse(settings)
  if (parsed.success) return parsed.data
  throw usageError({
    code: 'E_OPTIONS',
    message: `Options of ${of}: ${parsed.error.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; ')}.`,
    hints: [`It has ${known.join(', ')}.`],
  })
}
