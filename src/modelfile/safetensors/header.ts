import {environmentError} from '../../errors.ts'
import {truncated} from '../blocks.ts'
import {elements, itemBytes, type Dtype} from '../dtype.ts'
import type {Limits} from '../limits.ts'
import type {ParsedFile} from '../reader.ts'
import {duplicateKey} from './duplicate-key.ts'

/** The format's own limit on its header. */
export const MAX_HEADER_BYTES = 100_000_000

export const safetensorsDtypes: Readonly<Record<string, Dtype>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
  U16: 'uint16',
  U32: 'uint32',
  U64: 'uint64',
}

export interface TensorEntry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  /** In the file. */
  readonly start: number
  readonly end: number
}

export interface Header {
  readonly tensors: readonly TensorEntry[]
  readonly metadata: Readonly<Record<string, string>>
  /** Where the tensors' bytes begin in the file. */
  readonly dataStart: number
}

/** Reads and checks the header. Throws E_SAFETENSORS, E_FILE_TRUNCATED, E_DTYPE or E_LIMIT, naming tensor and place. */
export async function readHeader(file: ParsedFile, limits: Limits): Promise<Header> {
  if (file.bytes < 8) throw truncated(file.path)
  const length = Number(new DataView((await file.read(0, 8)).buffer).getBigUint64(0, true))
  if (length > Math.min(MAX_HEADER_BYTES, limits.structureBytes))
    throw broken(file, `its header is said to have ${length} bytes, the limit is ${MAX_HEADER_BYTES}`)
  if (8 + length > file.bytes) throw truncated(file.path)
  const dataStart = 8 + length
  const {__metadata__: metadata, ...rest} = parseJson(file, await file.read(8, length))
  const entries = Object.entries(rest)
  if (entries.length > limits.tensors)
    throw broken(file, `it has ${entries.length} tensors, the limit is ${limits.tensors}`)
  return {
    tensors: entries.map(([name, value]) => checkedEntry({file, limits, dataStart}, name, value)),
    metadata: checkedMetadata(file, metadata),
    dataStart,
  }
}

function parseJson(file: ParsedFile, bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  let twice: string | undefined
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes)
    value = JSON.parse(text)
    twice = duplicateKey(text)
  } catch (error) {
    throw broken(
      file,
      `its header is not JSON in UTF-8 (${error instanceof Error ? error.message : 'unreadable'})`,
    )
  }
  if (!isObject(value)) throw broken(file, 'its header is not a JSON object')
  if (twice !== undefined) throw broken(file, `its header has the key '${twice}' twice`)
  return value
}

function checkedMetadata(file: ParsedFile, value: unknown): Readonly<Record<string, string>> {
  const metadata = value ?? {}
  if (!isObject(metadata) || !Object.values(metadata).every((one) => typeof one === 'string'))
    throw broken(file, '__metadata__ must map text to text')
  return metadata as Readonly<Record<string, string>>
}

function checkedEntry(
  where: {file: ParsedFile; limits: Limits; dataStart: number},
  name: string,
  value: unknown,
): TensorEntry {
  const {file, limits, dataStart} = where
  if (name.length > limits.nameLength) throw broken(file, `a tensor has a name of ${name.length} characters`)
  const why = faultOf(value)
  if (why !== undefined) throw broken(file, `tensor '${name}': ${why}`)
  const {dtype: spelled, shape, data_offsets: offsets} = value as Entry
  const dtype = Object.hasOwn(safetensorsDtypes, spelled) ? safetensorsDtypes[spelled] : undefined
  if (!dtype)
    throw environmentError({
      code: 'E_DTYPE',
      message: `${file.path}: tensor '${name}' has the dtype '${spelled}', which abd does not read.`,
      hints: [`Save it as one of ${Object.keys(safetensorsDtypes).join(', ')}.`],
    })
  if (shape.length > limits.dimensions) throw broken(file, `tensor '${name}' has ${shape.length} dimensions`)
  const [begin, end] = offsets
  const needed = elements(shape) * itemBytes(dtype)
  if (begin > end || end - begin !== needed)
    throw broken(
      file,
      `tensor '${name}': offsets ${begin} to ${end} do not hold shape [${shape.join(', ')}] of ${spelled} (${needed} bytes)`,
    )
  if (dataStart + end > file.bytes) throw truncated(file.path)
  return {name, dtype, shape, start: dataStart + begin, end: dataStart + end}
}

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/**
 * Why a value of the header is no entry, or undefined. By hand, for loading a library of schemas would take most of the
 * time that a file takes to parse; what comes of it crosses to the reading process through the plan's schema.
 */
function faultOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'it is not an object'
  const {dtype, shape, data_offsets: offsets, ...rest} = value
  const [other] = Object.keys(rest)
  if (other !== undefined) return `unknown field '${other.slice(0, 100)}'`
  if (typeof dtype !== 'string') return 'dtype is not text'
  if (!Array.isArray(offsets) || offsets.length !== 2) return 'data_offsets are not two numbers'
  return noSizes('shape', shape) ?? noSizes('data_offsets', offsets)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function noSizes(name: string, value: unknown): string | undefined {
  if (!Array.isArray(value)) return `${name} is not a list`
  const wrong = value.findIndex((size) => !(Number.isSafeInteger(size) && size >= 0))
  return wrong < 0 ? undefined : `${name}.${wrong} is not a whole number from 0`
}

export const broken = (file: ParsedFile, why: string) =>
  environmentError({
    code: 'E_SAFETENSORS',
    message: `${file.path} is not a valid safetensors file: ${why}.`,
    hints: ['Save it again with safetensors, or fetch it again from its source.'],
  })
