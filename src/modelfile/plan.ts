// Apart from its schema, which what parses has no use for: that library takes longer to load than most files to parse.
import type {Plan, PlannedStorage} from './plan-schema.ts'

export type {Attribute, Graph, GraphNode, Plan, PlannedStorage, PlannedTensor} from './plan-schema.ts'

/** Bytes of the model file as they lie there, in little-endian order. */
export const plainStorage = (
  {start, end}: {readonly start: number; readonly end: number},
  name: string,
): PlannedStorage => ({
  name,
  file: -1,
  start,
  packedBytes: end - start,
  bytes: end - start,
  deflated: false,
  crc32: null,
  bigEndian: false,
  foundAt: null,
})

export const noWeightsPlan = (scan: Plan['scan']): Plan => ({
  files: [],
  storages: [],
  tensors: [],
  scan,
  metadata: {},
  payloadBytes: 0,
})
