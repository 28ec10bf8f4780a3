import type {BackendValues, DataType, KernelBackend, Tensor, TensorInfo} from '@tensorflow/tfjs-core'

/** An attribute of an operation as the binding takes it; `type` is one of its TF_ATTR_ numbers. */
export interface RawAttribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** What the binding gives for each output; `dtype` is a number of TF_DataType. */
export interface OutputInfo {
  readonly id: number
  readonly shape: number[]
  readonly dtype: number
}

/** What we use of the native binding of @tensorflow/tfjs-node-gpu. A tensor there is a number. */
export interface Binding {
  readonly [constant: `TF_ATTR_${string}`]: number
  readonly TF_FLOAT: number
  executeOp(
    name: string,
    attributes: readonly RawAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): OutputInfo[]
  createTensor(shape: readonly number[], dtype: number, values: unknown): number
  deleteTensor(id: number): void
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(id: number): void
  /** Names are joined by commas, each with its `:index`. */
  runSavedModel(id: number, inputs: readonly number[], inputNames: string, outputNames: string): OutputInfo[]
}

/** A tensor's data as NodeJSKernelBackend keeps it: in `values` until an operation first needs it, then behind `id`. */
export interface StoredData {
  readonly shape: number[]
  readonly dtype: number
  id: number
  values: BackendValues | null
}

/** What we use of NodeJSKernelBackend. */
export interface TensorFlowBackend extends KernelBackend {
  readonly binding: Binding
  readonly tensorMap: {get(dataId: object): StoredData; has(dataId: object): boolean}
  createOutputTensor(info: OutputInfo): Tensor
  executeSingleOutput(
    name: string,
    attributes: readonly RawAttribute[],
    inputs: readonly OperationInput[],
  ): Tensor
  executeMultipleOutputs(
    name: string,
    attributes: readonly RawAttribute[],
    inputs: readonly OperationInput[],
    outputs: number,
  ): Tensor[]
}

/** A 64-bit number that some kernels pass in the place of a tensor. */
export interface Int64Scalar {
  readonly dtype: 'int64'
  readonly valueArray: Int32Array
}

export type OperationInput = TensorInfo | Int64Scalar

export const isInt64Scalar = (input: OperationInput): input is Int64Scalar => !('dataId' in input)

/** The number in TF_DataType of what tfjs calls by a name. */
export const dataTypes: Readonly<Partial<Record<DataType | 'int64', number>>> = {
  float32: 1,
  int32: 3,
  int64: 9,
  bool: 10,
}
