import type {ModelFile} from './model-file.ts'
import type {StateTensor} from './state-dict.ts'

export interface TensorSummary {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
}

/** Over the finite values; null where there are none. */
export interface TensorStatistics {
  readonly min: number | null
  readonly max: number | null
  readonly mean: number | null
}

export interface ModelSummary extends Omit<ModelFile, 'stateDict'> {
  /** Floating-point values, BatchNorm's running statistics left out. */
  readonly parameters: number
  readonly tensors: readonly (TensorSummary & Partial<TensorStatistics>)[]
}

/** A model file as plain data: everything but the weights themselves; with `statistics` their extremes and means. */
export function summarise(
  {stateDict, ...file}: ModelFile,
  options: {statistics?: boolean} = {},
): ModelSummary {
  const tensors = [...stateDict]
  return {
    ...file,
    parameters: tensors.reduce(
      (sum, [name, tensor]) => sum + (isParameter(name, tensor) ? tensor.data.length : 0),
      0,
    ),
    tensors: tensors.map(([name, tensor]) => ({
      name,
      dtype: tensor.dtype,
      shape: tensor.shape,
      ...(options.statistics && statisticsOf(tensor)),
    })),
  }
}

const isParameter = (name: string, {dtype}: StateTensor) =>
  dtype.includes('float') && !/\.running_(mean|var)$/.test(name)

function statisticsOf({data}: StateTensor): TensorStatistics {
  let min = Infinity
  let max = -Infinity
  let sum = 0
  let count = 0
  for (const item of data) {
    const value = Number(item)
    if (!Number.isFinite(value)) continue
    if (value < min) min = value
    if (value > max) max = value
    sum += value
    count++
  }
  return count === 0 ? {min: null, max: null, mean: null} : {min, max, mean: sum / count}
}
