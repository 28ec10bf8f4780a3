/**
 * The first key that an object of a valid JSON text has twice, or undefined. JSON.parse silently keeps the last one,
 * other readers the first: what one shows, the other need not load.
 */
export function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      // No regular expression: a string of millions of characters would be more than its stack holds.
      const end = endOfString(text, i)
      if (isKey(text, end)) {
        const key = JSON.parse(text.slice(i, end + 1)) as string
        const keys = open.at(-1)
        if (keys?.has(key)) return key
        keys?.add(key)
      }
      i = end
    }
  }
  return undefined
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i
}

function isKey(text: string, end: number): boolean {
  let i = end + 1
  while (' \t\n\r'.includes(text[i] ?? '.')) i++
  return text[i] === ':'
}
