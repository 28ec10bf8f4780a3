import type {z} from 'zod'

type Refine = z.RefinementCtx

const factors = {B: 1, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, KB: 1e3, MB: 1e6, GB: 1e9} as const

/** '500MiB' to bytes. */
export function parseSize(text: string, context: Refine): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]i?B|B)?$/i.exec(text)
  if (match) return Number(match[1]) * factors[(match[2] ?? 'B').toUpperCase() as keyof typeof factors]
  context.addIssue({code: 'custom', message: `'${text}' is not a size like 500MiB`})
  return 0
}

/** '90s', '5m', '1h' to seconds. */
export function parseSeconds(text: string, context: Refine): number {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)?$/.exec(text)
  if (match && Number(match[1]) > 0)
    return Number(match[1]) * {s: 1, m: 60, min: 60, h: 3600}[match[2] ?? 's']!
  context.addIssue({code: 'custom', message: `'${text}' is not a duration like 30m`})
  return 0
}
