import {util} from '@tensorflow/tfjs-core'
import type {StateDict, StateTensor} from '../modelfile/state-dict.ts'
import {usageError} from '../errors.ts'

/** What lives on from step to step, so that a run can be taken up again where it was left. */
export interface Resumable {
  /** As it is now: copies, which later steps leave alone. */
  save(): Promise<StateDict>
  /** Takes over what `save` gave in a run of the same configuration. Throws E_CHECKPOINT where something is missing. */
  restore(saved: StateDict): Promise<void>
}

/** Several as one, each under its name; those that have nothing to keep are left out. */
export function resumables(parts: Readonly<Record<string, Resumable | undefined>>): Resumable {
  const present = Object.entries(parts).flatMap(([name, part]) => (part ? [[`${name}/`, part] as const] : []))
  return {
    async save() {
      const all = new Map<string, StateTensor>()
      for (const [prefix, part] of present)
        for (const [name, tensor] of await part.save()) all.set(prefix + name, tensor)
      return all
    },
    async restore(saved) {
      for (const [prefix, part] of present) {
        const own = [...saved].filter(([name]) => name.startsWith(prefix))
        await part.restore(new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor])))
      }
    },
  }
}

/** What was saved under this name, checked. Without `shape` any will do. Throws E_CHECKPOINT. */
export function savedTensor(
  saved: StateDict,
  name: string,
  {dtype, shape}: {readonly dtype: string; readonly shape?: readonly number[]},
): StateTensor {
  const tensor = saved.get(name)
  if (tensor?.dtype === dtype && (!shape || util.arraysEqual([...shape], [...tensor.shape]))) return tensor
  const wanted = `${dtype}${shape ? ` [${shape.join(', ')}]` : ''}`
  throw usageError({
    code: 'E_CHECKPOINT',
    message: `The checkpoint does not fit: '${name}' should be ${wanted}, and ${
      tensor ? `is ${tensor.dtype} [${tensor.shape.join(', ')}]` : 'is missing'
    }.`,
    hints: ['Start anew, without --resume.'],
  })
}

/** One whole number, as what to keep. */
export const resumableNumber = (read: () => number, restore: (value: number) => void): Resumable => ({
  save: async () => new Map([['value', {dtype: 'int32', shape: [], data: Int32Array.of(read())}]]),
  async restore(saved) {
    restore(Number(savedTensor(saved, 'value', {dtype: 'int32', shape: []}).data[0]))
  },
})
