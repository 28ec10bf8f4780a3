import {allFiniteBits} from '../non-finite.ts'
import {createCheckedMemory, type CheckedMemory} from './checked-memory.ts'
import {SLOT_BYTES} from './slots.ts'

const SLOTS = 16

/** Memory that a file passes through in blocks of SLOT_BYTES; each lies in one of the slots until it is used up. */
export interface Ring {
  readonly slots: number
  readonly bytes: Uint8Array<SharedArrayBuffer>
  /** Whether float32 values that begin `at` in the ring, `copy` of them in their place, are all finite. */
  allFinite(at: number, copy: Float32Array): boolean
}

export function createRing(fileBytes: number): Ring {
  const slots = Math.min(SLOTS, Math.ceil(fileBytes / SLOT_BYTES))
  const checked = slots === SLOTS ? checkedMemory(slots * SLOT_BYTES) : undefined
  return {
    slots,
    bytes: new Uint8Array(checked?.buffer ?? new SharedArrayBuffer(Math.min(fileBytes, slots * SLOT_BYTES))),
    allFinite(at, copy) {
      const whole = checked ? copy.length - (copy.length % 4) : 0
      return (checked?.allFinite(at, at + 4 * whole) ?? true) && allFiniteBits(bitsOf(copy.subarray(whole)))
    },
  }
}

const bitsOf = ({buffer, byteOffset, length}: Float32Array) => new Int32Array(buffer, byteOffset, length)

function checkedMemory(bytes: number): CheckedMemory | undefined {
  try {
    return createCheckedMemory(bytes)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
