/** What a tensor's values lie in on the host. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array

/** A tensor as a file holds it, on the host. Half and bfloat16 are widened to float32 when read; bool is 0 or 1 in bytes. */
export interface StateTensor {
  /** As the file says: 'float32', 'float16', 'bfloat16', 'float64', 'int64', 'bool', … */
  readonly dtype: string
  readonly shape: readonly number[]
  /** Row-major. Tensors that share a storage in the file may share memory here: do not write to it. */
  readonly data: TensorData
}

/** PyTorch's names, in file order. */
export type StateDict = ReadonlyMap<string, StateTensor>
