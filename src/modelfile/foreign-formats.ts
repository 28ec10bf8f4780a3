import {environmentError} from '../errors.ts'
import {lfsPointer} from './lfs-pointer.ts'

/** A file that abd knows but does not read, and the way out. */
interface ForeignFormat {
  readonly name: string
  matches(head: Uint8Array, extension: string): boolean
  readonly remedy: string
  readonly code?: `E_${string}`
}

const text = (head: Uint8Array) =>
  Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 1024)).toString('latin1')
const begins = (start: string) => (head: Uint8Array) => text(head).startsWith(start)

const formats: readonly ForeignFormat[] = [
  {
    name: 'a Git LFS pointer: the model itself was not fetched',
    code: 'E_FILE_LFS',
    matches: begins(lfsPointer),
    remedy: "Run 'git lfs pull', in CI with 'lfs: true' at the checkout.",
  },
  {
    name: 'a web page, not a model',
    code: 'E_FILE_HTML',
    matches: (head) =>
      /^\s*(<!doctype html|<html|<head|<\?xml)/i.test(text(head).replace(/^\u00ef\u00bb\u00bf/, '')),
    remedy:
      'The download gave an error or log-in page; download the file again with the right link or access.',
  },
  {
    name: 'a TensorFlow Lite model',
    matches: (head) => text(head).slice(4, 8) === 'TFL3',
    remedy: 'Save the network it was converted from as a state dict, or export it as ONNX.',
  },
  {
    name: 'a GGUF file',
    matches: begins('GGUF'),
    remedy: 'It holds a language model; abd audits image classifiers.',
  },
  {
    name: 'a tar archive',
    matches: (head) => text(head).slice(257, 262) === 'ustar',
    remedy: 'Unpack it and audit the model files in it.',
  },
  {
    name: 'a gzip archive',
    matches: begins('\u001f\u008b'),
    remedy: 'Unpack it and audit the model files in it.',
  },
  {
    name: 'a 7z archive',
    matches: begins("7z\u00bc\u00af'\u001c"),
    remedy: 'Unpack it and audit the model files in it.',
  },
  {
    name: 'a zlib stream (joblib?)',
    matches: begins('x\u009c'),
    remedy: 'Save the weights alone, as safetensors.',
  },
  {
    name: 'a program (ELF)',
    matches: begins('\u007fELF'),
    remedy: 'It is no model; ask its source what it is.',
  },
  {name: 'a program (Windows)', matches: begins('MZ'), remedy: 'It is no model; ask its source what it is.'},
  {name: 'a PNG image', matches: begins('\u0089PNG'), remedy: 'Give the model file.'},
  {name: 'a JPEG image', matches: begins('\u00ff\u00d8\u00ff'), remedy: 'Give the model file.'},
  {name: 'a PDF document', matches: begins('%PDF'), remedy: 'Give the model file.'},
]

/** The error for a file that no reader takes (E_FILE_LFS, E_FILE_HTML, E_FORMAT_UNSUPPORTED), or undefined. */
export function refuseForeign(path: string, head: Uint8Array, extension: string): Error | undefined {
  const format = formats.find((known) => known.matches(head, extension))
  return (
    format &&
    environmentError({
      code: format.code ?? 'E_FORMAT_UNSUPPORTED',
      message: `${path} is ${format.name}${format.code ? '' : ', which this version of abd does not read'}.`,
      hints: [format.remedy],
    })
  )
}
