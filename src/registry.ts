import type {Context} from './context.ts'
import {usageError} from './errors.ts'
import {optionNames} from './option-names.ts'
import type {AbdPlugin, Kind, Kinds, Method} from './method.ts'
import {issuesInWords} from './issues-in-words.ts'
import {nearest} from './nearest.ts'

/** All methods that are installed: a value, not a global. */
export interface Registry {
  list<K extends Kind>(kind: K): readonly Method<K>[]
  has(kind: Kind, name: string): boolean
  /** Throws E_<KIND>_UNKNOWN with the nearest name. */
  get<K extends Kind>(kind: K, name: string): Method<K>
  /** Validates the options by the method's schema (E_OPTIONS), then makes it. */
  create<K extends Kind>(kind: K, name: string, options: unknown, context: Context): Kinds[K]
}

/** Names are found in any case and with `-` for `_`. Two methods of one kind and name are an error (E_METHOD_TWICE). */
export function createRegistry(plugins: readonly AbdPlugin[]): Registry {
  const methods = new Map<string, Method>()
  for (const plugin of plugins)
    for (const method of plugin.methods as readonly Method[]) {
      const key = keyOf(method.kind, method.name)
      if (methods.has(key))
        throw usageError({
          code: 'E_METHOD_TWICE',
          message: `Two plugins bring a ${method.kind} named '${method.name}'; the second is ${plugin.name}.`,
          hints: [`Remove one of them: abd plugins uninstall NAME.`],
        })
      methods.set(key, method)
    }

  const list = <K extends Kind>(kind: K) =>
    [...methods.values()].filter((method) => method.kind === kind) as unknown as readonly Method<K>[]

  const get = <K extends Kind>(kind: K, name: string): Method<K> => {
    const method = methods.get(keyOf(kind, name))
    if (method) return method as unknown as Method<K>
    const names = list(kind).map((known) => known.name)
    const close = nearest(name, names)
    throw usageError({
      code: `E_${kind.toUpperCase()}_UNKNOWN`,
      message: `There is no ${kind} named '${name}'.`,
      hints: [
        close ? `Did you mean '${close}'?` : `Known: ${names.join(', ') || 'none'}.`,
        `List them with: abd methods ${kind}`,
      ],
    })
  }

  const create = <K extends Kind>(kind: K, name: string, options: unknown, context: Context): Kinds[K] => {
    const method = get(kind, name)
    const parsed = method.options.safeParse(options)
    if (!parsed.success)
      throw usageError({
        code: 'E_OPTIONS',
        message: `Options of ${kind} '${method.name}': ${issuesInWords(parsed.error.issues, {
          of: 'options',
          known: optionNames(method),
        })}`,
        hints: [`See its options with: abd methods ${kind} ${method.name}`],
      })
    return method.create(parsed.data, context)
  }

  return {list, has: (kind, name) => methods.has(keyOf(kind, name)), get, create}
}

const keyOf = (kind: Kind, name: string) => `${kind}:${name.toLowerCase().replaceAll('-', '_')}`
