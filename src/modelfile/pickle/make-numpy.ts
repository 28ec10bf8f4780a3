import {inert} from './make-inert.ts'
import {fail, type Machine} from './machine.ts'
import type {Maker} from './makers.ts'
import {isKind, opaque, type Opaque, type PickleValue} from './values.ts'

/** numpy.core.multiarray.scalar(dtype, bytes): the number or the text; all else stays an object. */
const scalar: Maker = ([dtype, bytes], machine) => {
  if (!isKind(dtype, 'object') || dtype.type !== 'numpy.dtype')
    return fail(machine, 'a numpy scalar without a dtype')
  if (!(bytes instanceof Uint8Array)) return opaque('numpy.generic', [])
  const code = typeof dtype.args[0] === 'string' ? dtype.args[0] : ''
  if (/^U\d+$/.test(code)) return text(machine, bytes, isBigEndian(dtype))
  const read = Object.hasOwn(numbers, code) ? numbers[code] : undefined
  const size = Number(code.slice(1))
  if (!read) return opaque('numpy.generic', [])
  if (bytes.length !== size) return fail(machine, `a numpy scalar of ${bytes.length} bytes`)
  return read(new DataView(bytes.buffer, bytes.byteOffset, size), !isBigEndian(dtype))
}

/** numpy.str_ is a text for all that Python does with it: a key of a dict above all. UTF-32, without zeros at its end. */
function text(machine: Machine, bytes: Uint8Array, big: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length % 4 !== 0) return fail(machine, `a numpy text of ${bytes.length} bytes`)
  const codes = Array.from({length: bytes.length / 4}, (_, i) => view.getUint32(4 * i, !big))
  if (codes.some((code) => code > 0x10ffff)) return fail(machine, 'a numpy text of what is no text')
  return codes
    .map((code) => String.fromCodePoint(code))
    .join('')
    .replace(/\0+$/, '')
}

/** BUILD gives a dtype the state (version, byte order, …). */
function isBigEndian(dtype: Opaque): boolean {
  const state: PickleValue | undefined = dtype.state.get('')
  return isKind(state, 'tuple') && state.items[1] === '>'
}

const numbers: Readonly<Record<string, (view: DataView, little: boolean) => PickleValue>> = {
  f8: (view, little) => view.getFloat64(0, little),
  f4: (view, little) => view.getFloat32(0, little),
  i8: (view, little) => Number(view.getBigInt64(0, little)),
  i4: (view, little) => view.getInt32(0, little),
  i2: (view, little) => view.getInt16(0, little),
  i1: (view) => view.getInt8(0),
  u8: (view, little) => Number(view.getBigUint64(0, little)),
  u4: (view, little) => view.getUint32(0, little),
  u2: (view, little) => view.getUint16(0, little),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
}

/** numpy 2 moved numpy.core to numpy._core. */
const core: Readonly<Record<string, Maker>> = {
  'multiarray.scalar': scalar,
  'multiarray._reconstruct': inert('numpy.ndarray'),
  'numeric._frombuffer': inert('numpy.ndarray'),
}

export const numpy: Readonly<Record<string, Maker>> = {
  'numpy.dtype': inert('numpy.dtype'),
  'numpy.ndarray': inert('numpy.ndarray'),
  'numpy.ma.core._mareconstruct': inert('numpy.ma.MaskedArray'),
  'numpy.random._pickle.__randomstate_ctor': inert('numpy.random.RandomState'),
  'numpy.random._pickle.__generator_ctor': inert('numpy.random.Generator'),
  'numpy.random._pickle.__bit_generator_ctor': inert('numpy.random.BitGenerator'),
  'numpy.random.bit_generator.__pyx_unpickle_SeedSequence': inert('numpy.random.SeedSequence'),
  ...Object.fromEntries(
    ['numpy.core', 'numpy._core'].flatMap((module) =>
      Object.entries(core).map(([name, make]) => [`${module}.${name}`, make] as const),
    ),
  ),
}
