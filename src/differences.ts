const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What of two plain values is not the same, in words: `options.epochs is 30 there and 20 here`. */
export function differences(there: unknown, here: unknown): string[] {
  const before = flattened(there)
  const now = flattened(here)
  return [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `${name} is ${before.get(name) ?? 'not set'} there and ${now.get(name) ?? 'not set'} here`)
}

/** Values in JSON, by their dotted paths. */
function flattened(value: unknown, path = ''): Map<string, string> {
  if (!isObject(value)) return new Map([[path, JSON.stringify(value)]])
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [
      ...flattened(inner, path === '' ? name : `${path}.${name}`),
    ]),
  )
}
