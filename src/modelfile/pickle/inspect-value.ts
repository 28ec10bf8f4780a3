import {payloadsIn} from '../inspect-metadata.ts'
import {report, type Machine} from './machine.ts'

/** Longer ones are weights or images: only their beginning is looked at. */
const MAX_TEXT = 65_536
const MAX_DECODED = 2 ** 22
/** A torch file of the old form: torch.storage._load_from_bytes takes it, and is told of where it is called. */
const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex')

/** Looks for what hides in a text or bytes of a pickle: a further pickle, a program, in hex or base64 too. */
export function inspectValue(machine: Machine, value: string | Uint8Array): void {
  if (value.length < 8) return
  if (typeof value !== 'string') return inspectBytes(machine, value)
  // Protocol 2 writes bytes as text in Latin-1.
  if (value.startsWith('\u0080')) return inspectBytes(machine, new Uint8Array(Buffer.from(value, 'latin1')))
  const [first] = payloadsIn(value.slice(0, MAX_TEXT))
  if (first !== undefined) report(machine, 'codeInPickle', `a text holds ${first}: '${value.slice(0, 80)}'`)
  const encoding = encodingOf(value)
  if (!encoding) return
  const bytes = new Uint8Array(Buffer.from(value, encoding))
  inspectBytes(machine, bytes)
  const text = Buffer.from(bytes.subarray(0, MAX_TEXT)).toString('latin1')
  const [hidden] = /^[\x20-\x7e\s]*$/.test(text) ? payloadsIn(text) : []
  if (hidden !== undefined)
    report(machine, 'codeInPickle', `a text in ${encoding} holds ${hidden}: '${text.slice(0, 80)}'`)
}

function encodingOf(text: string): 'hex' | 'base64' | undefined {
  if (text.length < 16 || text.length > MAX_DECODED) return undefined
  if (text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text)) return 'hex'
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? 'base64' : undefined
}

function inspectBytes(machine: Machine, bytes: Uint8Array): void {
  const begins = (...codes: number[]) => codes.every((code, i) => bytes[i] === code)
  if (begins(0x7f, 0x45, 0x4c, 0x46)) report(machine, 'program', 'a value is a program (ELF)')
  if (bytes[0] !== 0x80 || bytes[1]! < 2 || bytes[1]! > 5 || bytes.length > MAX_DECODED) return
  if (MAGIC.equals(bytes.subarray(0, MAGIC.length))) return
  if (machine.hidden(bytes)) report(machine, 'hiddenPickle', `a value of ${bytes.length} bytes is a pickle`)
}
