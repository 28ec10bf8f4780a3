/** A tensor as a file holds it, on the host. Half and bfloat16 are widened to float32 when read. */
export interface StateTensor {
  /** As the file says: 'float32', 'float16', 'bfloat16', 'float64', 'int64', … */
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array | Int8Array | Int16Array
}

/** PyTorch's names, in file order. */
export type StateDict = ReadonlyMap<string, StateTensor>
