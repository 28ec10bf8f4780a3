import type {ScanFinding} from './scan-finding.ts'
import {finding} from './scan-rules.ts'

/** What only a program says: calls that run code or reach out, shebangs, script tags, programs in base64. */
const payloads: readonly (readonly [string, RegExp])[] = [
  [
    'Python that runs code',
    /(?<![.\w])(?:eval|exec|__import__)\s*\(|\bos\s*\.\s*(?:system|popen|exec[lv]p?e?|spawn\w*)\b|\bsubprocess\s*\.|\bpty\s*\.\s*spawn|\b(?:pickle|marshal|dill|cloudpickle)\s*\.\s*loads?\b|\bimport\s+(?:os|subprocess|socket|ctypes|pty)\b|\bfrom\s+(?:os|subprocess|socket)\s+import\b|__builtins__|__globals__|__subclasses__/,
  ],
  [
    'a script',
    /^#!\s*\/|<script\b|\bjavascript:|\bpowershell(?:\.exe)?\s+-|\b(?:curl|wget)\s+\S+\s*\|\s*(?:ba)?sh\b|\/bin\/(?:ba)?sh\b|\brm\s+-rf\s+\//i,
  ],
  // \\x7fELF, MZ with its DOS stub, a pickle of protocol 2 to 5 that imports.
  ['a program in base64', /f0VMR[gQ]|TVqQAAMAAAAEAAAA|gA[JSQV][jYX][\w+/]{16}/],
]

/** Text that a format keeps beside its weights, which nothing should ever run. `offset`: where it begins in the file. */
export function inspectMetadata(
  metadata: Readonly<Record<string, string>>,
  offset: number | null,
): ScanFinding[] {
  return Object.entries(metadata).flatMap(([name, text]) =>
    payloadsIn(text).map((what) => finding('payloadInText', `'${name}' holds ${what}`, offset)),
  )
}

export const payloadsIn = (text: string): string[] =>
  payloads.filter(([, pattern]) => pattern.test(text)).map(([what]) => what)
