import {fail} from './machine.ts'
import type {Maker} from './makers.ts'
import {isKind} from './values.ts'

/** Protocol 2 has no bytes: it writes them as text in Latin-1 and encodes that. */
const encode: Maker = ([text, encoding], machine) => {
  const known =
    encoding === undefined ||
    (typeof encoding === 'string' && /^(latin-?1|iso-?8859-1|utf-?8|ascii)$/i.test(encoding))
  if (typeof text !== 'string' || !known) return fail(machine, 'text is encoded in a way that is not known')
  return typeof encoding === 'string' && /^(latin|iso)/i.test(encoding)
    ? new Uint8Array(Buffer.from(text, 'latin1'))
    : new TextEncoder().encode(text)
}

/** bytes(), bytes(b'…'), bytes('…', 'latin1'), bytes([…]). */
const bytes: Maker = ([from, encoding], machine) => {
  if (from === undefined) return new Uint8Array()
  if (from instanceof Uint8Array) return from
  if (typeof from === 'string') return encode([from, encoding ?? 'utf-8'], machine)
  if (isKind(from, 'list') || isKind(from, 'tuple')) return Uint8Array.from(from.items, Number)
  return fail(machine, 'bytes of something else')
}

/** copyreg's ways to make an object: judged by what they make. */
const make: Maker = ([made, ...args], machine) =>
  !isKind(made, 'global') || /^copy_?reg$/.test(made.module)
    ? fail(machine, 'an object without a class')
    : machine.call(made, args)

export const codecs: Readonly<Record<string, Maker>> = {
  '_codecs.encode': encode,
  'builtins.bytes': bytes,
  '__builtin__.bytes': bytes,
  'builtins.bytearray': bytes,
  '__builtin__.bytearray': bytes,
  'copyreg._reconstructor': make,
  'copy_reg._reconstructor': make,
  'copyreg.__newobj__': make,
  'copyreg.__newobj_ex__': make,
}
