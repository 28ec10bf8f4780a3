import type {StateDict, StateTensor} from './state-dict.ts'

/** The same tensors with all floating-point ones of one type; integers stay. What float16 cannot hold becomes infinite. */
export const castFloats = (stateDict: StateDict, dtype: 'float32' | 'float16' | 'bfloat16'): StateDict =>
  new Map([...stateDict].map(([name, tensor]) => [name, cast(tensor, dtype)]))

function cast(tensor: StateTensor, dtype: string): StateTensor {
  const {data} = tensor
  if (data instanceof Float64Array) return {...tensor, dtype, data: Float32Array.from(data)}
  return data instanceof Float32Array ? {...tensor, dtype} : tensor
}
