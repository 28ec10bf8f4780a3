import type {ParameterSpec} from './architecture.ts'

/** How a parameter lies in PyTorch (`torch`, with flattened axes taken apart) and here: axes in this order, as `shape`. */
interface MemoryLayout {
  readonly torch: readonly number[]
  readonly order: readonly number[]
  readonly shape: readonly number[]
}

function memoryLayout({role, shape, flattened}: ParameterSpec): MemoryLayout {
  const [out = 0, inner = 0, height = 0, width = 0] = shape
  if (role === 'convolution') return {torch: shape, order: [2, 3, 1, 0], shape: [height, width, inner, out]}
  if (role === 'linear') {
    if (!flattened) return {torch: shape, order: [1, 0], shape: [inner, out]}
    return flattened.axis === 1
      ? {torch: [out, ...flattened.of], order: [2, 3, 1, 0], shape: [inner, out]}
      : {torch: [...flattened.of, inner], order: [3, 1, 2, 0], shape: [inner, out]}
  }
  return flattened ? {torch: flattened.of, order: [1, 2, 0], shape} : {torch: shape, order: [0], shape}
}

/** The shape a parameter has on the engine: convolutions [h, w, in, out], linear layers [in, out]. */
export const engineShape = (spec: ParameterSpec): number[] => [...memoryLayout(spec).shape]

/** From PyTorch's order of the numbers to the engine's. */
export function toEngineOrder(spec: ParameterSpec, data: ArrayLike<number>): Float32Array {
  const {torch, order} = memoryLayout(spec)
  return permuted(data, torch, order)
}

/** From the engine's order of the numbers to PyTorch's. */
export function toTorchOrder(spec: ParameterSpec, data: ArrayLike<number>): Float32Array {
  const {torch, order} = memoryLayout(spec)
  const inverse = order.map((_, axis) => order.indexOf(axis))
  return permuted(
    data,
    order.map((axis) => torch[axis] ?? 0),
    inverse,
  )
}

/** A transposition: axis k of the result is axis `order[k]` of the `shape` given. */
function permuted(data: ArrayLike<number>, shape: readonly number[], order: readonly number[]): Float32Array {
  const result = new Float32Array(data.length)
  if (order.every((axis, index) => axis === index)) {
    result.set(data)
    return result
  }
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  const sizes = order.map((axis) => shape[axis] ?? 0)
  const steps = order.map((axis) => strides[axis] ?? 0)
  let written = 0
  const walk = (axis: number, from: number): void => {
    const size = sizes[axis] ?? 0
    const step = steps[axis] ?? 0
    if (axis === sizes.length - 1)
      for (let index = 0; index < size; index++) result[written++] = data[from + index * step] ?? NaN
    else for (let index = 0; index < size; index++) walk(axis + 1, from + index * step)
  }
  walk(0, 0)
  return result
}
