/** What of it is used here: its types come with those of browsers. */
interface Wasm {
  readonly Memory: new (size: {initial: number; maximum: number; shared: true}) => {
    readonly buffer: SharedArrayBuffer
  }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => {readonly exports: {readonly f: (at: number, end: number) => number}}
}
const {Memory, Module, Instance} = (globalThis as unknown as {WebAssembly: Wasm}).WebAssembly

/** Of 16 bytes as four numbers of 32 bits, little-endian. */
const four = (...bytes: readonly [number, number, number, number]) => [...bytes, ...bytes, ...bytes, ...bytes]

/**
 * (func (export "f") (param $at i32) (param $end i32) (result i32) (local $seen v128)
 *   (block (loop
 *     (br_if 1 (i32.ge_u (local.get $at) (local.get $end)))
 *     (local.set $seen (v128.or (local.get $seen)
 *       (i32x4.add (v128.and (v128.load (local.get $at)) (exponent)) (one))))
 *     (local.set $at (i32.add (local.get $at) (i32.const 16)))
 *     (br 0)))
 *   (i32x4.bitmask (local.get $seen)))
 */
const body = [
  ...[1, 1, 0x7b, 0x02, 0x40, 0x03, 0x40],
  ...[0x20, 0, 0x20, 1, 0x4f, 0x0d, 1],
  ...[0x20, 2, 0x20, 0, 0xfd, 0x00, 0, 0],
  ...[0xfd, 0x0c, ...four(0, 0, 0x80, 0x7f), 0xfd, 0x4e],
  ...[0xfd, 0x0c, ...four(0, 0, 0x80, 0), 0xfd, 0xae, 0x01],
  ...[0xfd, 0x50, 0x21, 2],
  ...[0x20, 0, 0x41, 16, 0x6a, 0x21, 0, 0x0c, 0],
  ...[0x0b, 0x0b, 0x20, 2, 0xfd, 0xa4, 0x01, 0x0b],
]

/** Magic, version, then the sections: types, import of a shared memory of at most 65536 pages, functions, exports, code. */
const wasm = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 7, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f],
  ...[2, 11, 1, 1, 0x6d, 1, 0x6d, 2, 3, 1, 0x80, 0x80, 0x04],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, body.length + 2, 1, body.length, ...body],
])

/** WebAssembly's. */
const PAGE_BYTES = 65_536

export interface CheckedMemory {
  readonly buffer: SharedArrayBuffer
  /** Whether the float32 values from `at` to `end`, a multiple of 16 bytes, are all finite. */
  allFinite(at: number, end: number): boolean
}

/**
 * Memory in which values are checked sixteen bytes at a time, in a tenth of the time that `allFiniteBits` takes. Throws a
 * RangeError where the system has no room for it: it takes gigabytes of addresses, though not of memory.
 */
export function createCheckedMemory(bytes: number): CheckedMemory {
  const pages = bytes / PAGE_BYTES
  const memory = new Memory({initial: pages, maximum: pages, shared: true})
  const {exports} = new Instance(new Module(wasm), {m: {m: memory}})
  return {buffer: memory.buffer, allFinite: (at, end) => exports.f(at, end) === 0}
}
