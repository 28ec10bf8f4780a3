/**
 * The first key that an object of a valid JSON text has twice, or undefined. JSON.parse silently keeps the last one,
 * other readers the first: what one shows, the other need not load.
 */
export function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  const token = /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\]]/g
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [all, body, colon] = match
    if (all === '{') open.push(new Set())
    else if (all === '[') open.push(undefined)
    else if (all === '}' || all === ']') open.pop()
    else if (colon !== undefined) {
      const key = JSON.parse(`"${body}"`) as string
      const keys = open.at(-1)
      if (keys?.has(key)) return key
      keys?.add(key)
    }
  }
  return undefined
}
