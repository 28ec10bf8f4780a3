/** Settings whose names begin with the prefix, without it, and all others. */
export const partSettings = (
  settings: readonly string[],
  prefix: string,
): {readonly own: readonly string[]; readonly others: readonly string[]} => ({
  own: settings.filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length)),
  others: settings.filter((text) => !text.startsWith(prefix)),
})
