import {environmentError} from '../../errors.ts'
import {elements, itemBytes, type Dtype} from '../dtype.ts'
import type {FindingList} from '../finding-list.ts'
import type {Limits} from '../limits.ts'
import {plainStorage} from '../plan.ts'
import type {PlannedStorage, PlannedTensor} from '../plan.ts'
import type {ParsedFile} from '../reader.ts'
import {finding} from '../scan-rules.ts'
import {brokenOnnx, fieldsIn, fieldsOf, text, varints, type Field} from './wire.ts'

/** TensorProto.DataType. */
const onnxDtypes: Readonly<Record<number, Dtype>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
}

/** What the tensors of a model add to its plan. */
export interface TensorSink {
  readonly file: ParsedFile
  readonly limits: Limits
  readonly tensors: PlannedTensor[]
  readonly storages: PlannedStorage[]
  readonly files: string[]
  readonly payload: Uint8Array[]
  readonly scan: FindingList
  payloadBytes: number
}

/** A TensorProto between two bytes of the file: into the plan, under its own name or the one given. */
export async function readTensor(sink: TensorSink, start: number, end: number, name?: string): Promise<void> {
  const {file, limits} = sink
  const dims: number[] = []
  const external = new Map<string, string>()
  let type = 0
  let own = ''
  let outside = false
  let raw: Field | undefined
  const typed: Field[] = []
  const bytesOf = async (field: Field) => file.read(field.start, field.end - field.start)
  for await (const field of fieldsOf(file, start, end)) {
    if (field.number === 1) {
      if (field.wire === 0) dims.push(field.value)
      else dims.push(...varints(file.path, await small(file, field)))
      if (dims.length > limits.dimensions)
        throw brokenOnnx(file.path, `a tensor has ${dims.length} dimensions`)
    } else if (field.number === 2) type = field.value
    else if (field.number === 8) own = text(await small(file, field))
    else if (field.number === 9) raw = field
    else if ([4, 5, 7, 10, 11].includes(field.number)) typed.push(field)
    else if (field.number === 6)
      throw environmentError({
        code: 'E_DTYPE',
        message: `${file.path}: a tensor of the ONNX graph holds text, which abd does not read.`,
        hints: ['Export the classifier alone, without what turns its input or output into text.'],
      })
    else if (field.number === 13) {
      const entry = await small(file, field)
      const parts = fieldsIn(file.path, entry)
      const part = (number: number) =>
        text(
          parts
            .filter((p) => p.number === number && p.wire === 2)
            .map((p) => entry.subarray(p.start, p.end))[0] ?? new Uint8Array(),
        )
      external.set(part(1), part(2))
    } else if (field.number === 14) outside = field.value === 1
  }
  const tensor = name ?? own
  if (tensor.length > limits.nameLength)
    throw brokenOnnx(file.path, `a tensor has a name of ${tensor.length} characters`)
  if (sink.tensors.length >= limits.tensors)
    throw brokenOnnx(file.path, `it has more than ${limits.tensors} tensors`)
  const dtype = onnxDtypes[type]
  if (!dtype)
    throw environmentError({
      code: 'E_DTYPE',
      message: `${file.path}: the tensor '${tensor}' has the ONNX type ${type}, which abd does not read.`,
      hints: ['Export the model in float32.'],
    })
  if (dims.some((size) => !Number.isSafeInteger(size) || size < 0))
    throw brokenOnnx(file.path, `the tensor '${tensor}' has the shape [${dims.join(', ')}]`)
  const count = elements(dims)
  const needed = count * itemBytes(dtype)
  let storage: PlannedStorage
  if (outside || external.size > 0) {
    const found = externalStorage(sink, tensor, external, needed)
    if (!found) return
    storage = found
  } else if (raw) {
    storage = plainStorage(raw, tensor)
    if (raw.end - raw.start !== needed)
      throw brokenOnnx(file.path, `the tensor '${tensor}' has ${raw.end - raw.start} bytes, not ${needed}`)
  } else storage = await typedStorage(sink, {tensor, dtype, count, typed, bytesOf})
  sink.tensors.push({
    name: tensor,
    dtype,
    shape: dims,
    stride: null,
    storage: sink.storages.length,
    offset: 0,
  })
  sink.storages.push(storage)
}

async function small(file: ParsedFile, field: Field): Promise<Uint8Array> {
  if (field.end - field.start > 1_000_000) throw brokenOnnx(file.path, `field ${field.number} is too long`)
  return file.read(field.start, field.end - field.start)
}

/** Only a plain name beside the model: anything else is a way to make somebody read another file. */
function externalStorage(
  sink: TensorSink,
  tensor: string,
  external: ReadonlyMap<string, string>,
  needed: number,
): PlannedStorage | undefined {
  const location = external.get('location') ?? ''
  const offset = Number(external.get('offset') ?? '0')
  const length = Number(external.get('length') ?? String(needed))
  if (!/^[\w][\w.+ -]*$/.test(location) || location.includes('..')) {
    sink.scan.add(finding('externalData', `tensor '${tensor}' lies in '${location.slice(0, 100)}'`, null))
    return undefined
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || length !== needed)
    throw brokenOnnx(sink.file.path, `the external tensor '${tensor}' has the place ${offset}, ${length}`)
  let index = sink.files.indexOf(location)
  if (index < 0) index = sink.files.push(location) - 1
  return {...plainStorage({start: offset, end: offset + needed}, tensor), file: index}
}

interface Typed {
  readonly tensor: string
  readonly dtype: Dtype
  readonly count: number
  readonly typed: readonly Field[]
  readonly bytesOf: (field: Field) => Promise<Uint8Array>
}

/** float_data and double_data lie in the file as they are; the integers are varints, and come with the plan. */
async function typedStorage(
  sink: TensorSink,
  {tensor, dtype, count, typed, bytesOf}: Typed,
): Promise<PlannedStorage> {
  const {path} = sink.file
  const [only] = typed
  const needed = count * itemBytes(dtype)
  const asIs = (only?.number === 4 && dtype === 'float32') || (only?.number === 10 && dtype === 'float64')
  if (typed.length === 1 && asIs && only?.wire === 2 && only.end - only.start === needed)
    return plainStorage(only, tensor)
  const out = new Uint8Array(needed <= 2 ** 24 ? needed : 0)
  if (needed > 2 ** 24) throw brokenOnnx(path, `the tensor '${tensor}' has ${needed} bytes that are not raw`)
  const view = new DataView(out.buffer)
  let at = 0
  const put = (value: number) => {
    if (at >= count) throw brokenOnnx(path, `the tensor '${tensor}' has more than ${count} values`)
    writers[dtype]?.(view, at++, value)
  }
  for (const field of typed) {
    if (field.number === 4 && dtype === 'float32') {
      const bytes = await bytesOf(field)
      const piece = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let i = 0; i + 4 <= bytes.length; i += 4) put(piece.getFloat32(i, true))
    } else if (field.wire === 0) put(field.value)
    else if (field.wire === 2) for (const value of varints(path, await bytesOf(field))) put(value)
    else throw brokenOnnx(path, `the tensor '${tensor}' has values of another type`)
  }
  if (at !== count) throw brokenOnnx(path, `the tensor '${tensor}' has ${at} values, not ${count}`)
  const begin = sink.payloadBytes
  sink.payload.push(out)
  sink.payloadBytes += out.length
  return {...plainStorage({start: begin, end: begin + out.length}, tensor), file: -2}
}

type Writer = (view: DataView, index: number, value: number) => void
const writers: Readonly<Partial<Record<Dtype, Writer>>> = {
  float32: (v, i, x) => v.setFloat32(4 * i, x, true),
  int64: (v, i, x) => v.setBigInt64(8 * i, BigInt(x), true),
  uint64: (v, i, x) => v.setBigUint64(8 * i, BigInt.asUintN(64, BigInt(x)), true),
  int32: (v, i, x) => v.setInt32(4 * i, x, true),
  uint32: (v, i, x) => v.setUint32(4 * i, x, true),
  int16: (v, i, x) => v.setInt16(2 * i, x, true),
  uint16: (v, i, x) => v.setUint16(2 * i, x, true),
  // Half-precision values are given as the integers of their bits.
  float16: (v, i, x) => v.setUint16(2 * i, x, true),
  bfloat16: (v, i, x) => v.setUint16(2 * i, x, true),
  int8: (v, i, x) => v.setInt8(i, x),
  uint8: (v, i, x) => v.setUint8(i, x),
  bool: (v, i, x) => v.setUint8(i, x === 0 ? 0 : 1),
}
