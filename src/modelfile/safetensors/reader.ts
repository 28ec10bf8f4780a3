import type {ScanFinding} from '../scan-finding.ts'
import {noWeightsPlan, plainStorage, type PlannedTensor} from '../plan.ts'
import type {ModelReader, ParsedFile} from '../reader.ts'
import {finding} from '../scan-rules.ts'
import {selectByPrefix} from '../select-state-dict.ts'
import {inspectMetadata} from '../inspect-metadata.ts'
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

  async parse(file, {key, limits}) {
    const header = await readHeader(file, limits)
    const scan = [...gaps(file, header), ...inspectMetadata(header.metadata, 8)]
    const storages = header.tensors.map((tensor) => plainStorage(tensor, tensor.name))
    const tensors = new Map(
      header.tensors.map(({name, dtype, shape}, storage): [string, Omit<PlannedTensor, 'name'>] => [
        name,
        {dtype, shape: [...shape], stride: null, storage, offset: 0},
      ]),
    )
    return {
      plan: {
        ...noWeightsPlan(scan),
        storages,
        tensors: [...selectByPrefix(tensors, key, file.path)].map(([name, tensor]) => ({name, ...tensor})),
        metadata: header.metadata,
      },
    }
  },
}

/** Overlaps are an error; bytes that no tensor owns are a finding. */
function gaps(file: ParsedFile, {tensors, dataStart}: Header): ScanFinding[] {
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
