import type {StateDict, StateTensor} from '../modelfile/state-dict.ts'
import type {Layout} from './architecture.ts'

/** The tensors that make up a network: without the `module.` of DataParallel, counters of BatchNorm and extra state. */
export function withoutBookkeeping(stateDict: StateDict): Map<string, StateTensor> {
  const parallel = stateDict.size > 0 && [...stateDict.keys()].every((name) => name.startsWith('module.'))
  const kept = new Map<string, StateTensor>()
  for (const [name, tensor] of stateDict) {
    const plain = parallel ? name.slice('module.'.length) : name
    if (!/(^|\.)(num_batches_tracked|_extra_state)$/.test(plain)) kept.set(plain, tensor)
  }
  return kept
}

/** What keeps these tensors from being this network's, in words, or undefined where they fit. */
export function misfit(layout: Layout, tensors: StateDict): string | undefined {
  for (const [name, {shape}] of layout.parameters) {
    const tensor = tensors.get(name)
    if (!tensor) return `the tensor '${name}' ${inWords(shape)} is missing`
    if (!sameShape(shape, tensor.shape))
      return `the tensor '${name}' is ${inWords(tensor.shape)} and should be ${inWords(shape)}`
  }
  for (const name of tensors.keys()) if (!layout.parameters.has(name)) return `it has no tensor '${name}'`
  return undefined
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

const inWords = (shape: readonly number[]) => `[${shape.join(', ')}]`
