import type {ScanFinding} from '../../audit/report-schema.ts'
import {decode, elements} from '../dtype.ts'
import type {ModelReader} from '../reader.ts'
import {finding} from '../scan-rules.ts'
import {selectByPrefix} from '../select-state-dict.ts'
import type {SourceFile} from '../source-file.ts'
import type {StateTensor} from '../state-dict.ts'
import {broken, MAX_HEADER_BYTES, readHeader, type Header} from './header.ts'

/** https://github.com/huggingface/safetensors: 8 bytes of length, a JSON header, the tensors' bytes. */
export const safetensors: ModelReader = {
  name: 'safetensors',
  extensions: ['.safetensors'],

  matches(head) {
    if (head.length < 9) return false
    const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true)
    return length <= MAX_HEADER_BYTES && head[8] === '{'.charCodeAt(0)
  },

  async read(file, {key, limits}) {
    const header = await readHeader(file, limits)
    const scan = gaps(file, header)
    const buffers = header.tensors.map(({start, end}) => new Uint8Array(end - start))
    await file.load(header.tensors.map(({start}, i) => ({start, into: buffers[i]!})))
    const tensors = header.tensors.map(({name, dtype, shape}, i): [string, StateTensor] => [
      name,
      {dtype, shape, data: decode(dtype, buffers[i]!, elements(shape))},
    ])
    return {stateDict: selectByPrefix(new Map(tensors), key, file.path), scan, metadata: header.metadata}
  },
}

/** Overlaps are an error; bytes that no tensor owns are a finding. */
function gaps(file: SourceFile, {tensors, dataStart}: Header): ScanFinding[] {
  const found: ScanFinding[] = []
  let position = dataStart
  const unowned = (until: number) => {
    if (until > position)
      found.push(finding('unownedBytes', `${until - position} bytes belong to no tensor`, position))
  }
  for (const {name, start, end} of tensors.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start === end) continue
    if (start < position) throw broken(file, `tensor '${name}' overlaps another one at byte ${start}`)
    unowned(start)
    position = end
  }
  unowned(file.bytes)
  return found
}
