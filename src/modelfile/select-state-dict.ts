import {usageError} from '../errors.ts'
import {nearest} from '../nearest.ts'

/** What wrappers put before every name: DataParallel's and torch.compile's. */
const prefixes = ['module.', '_orig_mod.']

/**
 * The weights of a flat map of names: all of them, or with a key those below `key.`. Without a leading `module.`.
 * Throws E_KEY_UNKNOWN (exit 2) where nothing is below the key.
 */
export function selectByPrefix<T>(
  tensors: ReadonlyMap<string, T>,
  key: string | undefined,
  path: string,
): Map<string, T> {
  if (key === undefined) return withoutPrefixes(tensors)
  const below = [...tensors].filter(([name]) => name.startsWith(`${key}.`))
  if (below.length === 0)
    throw unknownKey(path, key, [...new Set([...tensors.keys()].flatMap((name) => name.split('.', 1)))])
  return withoutPrefixes(new Map(below.map(([name, tensor]) => [name.slice(key.length + 1), tensor])))
}

/** Strips what a wrapper put before the names, where that leaves two tensors under one name: not at all. */
export function withoutPrefixes<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  let stripped = new Map(tensors)
  for (const prefix of prefixes) {
    const next = new Map(
      [...stripped].map(([name, tensor]) => [
        name.startsWith(prefix) ? name.slice(prefix.length) : name,
        tensor,
      ]),
    )
    if (next.size === stripped.size && !next.has('')) stripped = next
  }
  return stripped
}

export function unknownKey(path: string, key: string, keys: readonly string[]): Error {
  const close = nearest(key, keys)
  const some = keys
    .slice(0, 20)
    .map((name) => name.slice(0, 100))
    .join(', ')
  return usageError({
    code: 'E_KEY_UNKNOWN',
    message: `${path} has no weights under the key '${key}'.`,
    hints: [
      ...(close !== undefined && close !== key ? [`Did you mean --key ${close}?`] : []),
      keys.length > 0
        ? `Its keys: ${some}${keys.length > 20 ? ', …' : ''}.`
        : 'Leave --key away: the file has no keys.',
    ],
  })
}
