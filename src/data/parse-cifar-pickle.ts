import {defaultLimits} from '../modelfile/limits.ts'
import {interpret} from '../modelfile/pickle/interpret.ts'
import {pickleContext} from '../modelfile/pickle/machine.ts'
import type {Dict, PickleValue} from '../modelfile/pickle/values.ts'
import {isKind} from '../modelfile/pickle/values.ts'
import type {CifarFamily} from './cifar-families.ts'
import {badData} from './data-files.ts'

/**
 * The rows (planes of red, green and blue, `rowBytes` bytes) and labels of a file of CIFAR's Python version: a pickled
 * dictionary with a NumPy array under `data`. Nothing in it is executed. Throws E_DATA.
 */
export function parseCifarPickle(
  bytes: Uint8Array,
  name: string,
  {title, labelKey}: CifarFamily,
  rowBytes: number,
): {readonly rows: Uint8Array; readonly labels: readonly number[]} {
  const {value, failure} = interpret(bytes, 0, pickleContext(defaultLimits))
  const wrong = (why: string) =>
    badData(name, why, `Is the file whole, and of the Python version of ${title}?`)
  if (!isKind(value, 'dict')) throw wrong(`cannot be read: ${failure ?? 'it is no dictionary'}`)
  const rows = bytesOf(entry(value, 'data'))
  const labels = entry(value, labelKey)
  if (rows === undefined || !isKind(labels, 'list')) throw wrong(`holds no data and ${labelKey}`)
  if (rows.length === 0 || rows.length !== labels.items.length * rowBytes)
    throw wrong(`holds ${rows.length} bytes of images, but ${labels.items.length} labels`)
  return {rows, labels: labels.items.map(Number)}
}

/** Python 2 wrote the keys as bytes. */
function entry({entries}: Dict, wanted: string): PickleValue | undefined {
  for (const [key, value] of entries)
    if ((key instanceof Uint8Array ? Buffer.from(key).toString('latin1') : key) === wanted) return value
  return undefined
}

/** Of an array of bytes in row-major order: its state is version, shape, type, order and bytes. */
function bytesOf(array: PickleValue | undefined): Uint8Array | undefined {
  if (!isKind(array, 'object') || array.type !== 'numpy.ndarray') return undefined
  const state = array.state.get('')
  if (!isKind(state, 'tuple')) return undefined
  const [, , dtype, columnMajor, raw] = state.items
  if (!isKind(dtype, 'object') || dtype.args[0] !== 'u1' || columnMajor !== false) return undefined
  return typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw instanceof Uint8Array ? raw : undefined
}
