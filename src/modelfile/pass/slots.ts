/** A file passes through a ring of slots, a block of it in each. */
export const SLOT_BYTES = 2 ** 20

/** Where in the ring block number `block` lies. */
export const slotOf = (block: number, slots: number): number => (block % slots) * SLOT_BYTES

/** What the thread that hashes is given. */
export interface Shared {
  readonly ring: Uint8Array<SharedArrayBuffer>
  readonly slots: number
  readonly fileBytes: number
  /** How many blocks are FILLED, and how many TAKEN. */
  readonly control: Int32Array<SharedArrayBuffer>
}
export const FILLED = 0
export const TAKEN = 1
