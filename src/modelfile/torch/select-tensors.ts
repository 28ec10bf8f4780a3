import {environmentError} from '../../errors.ts'
import type {ScanFinding} from '../scan-finding.ts'
import {finding} from '../scan-rules.ts'
import type {Metadata, MetadataValue} from '../model-file.ts'
import {makers} from '../pickle/makers.ts'
import {
  describe,
  isKind,
  type Dict,
  type Opaque,
  type PickleValue,
  type TensorView,
} from '../pickle/values.ts'
import {badStorage} from './plan-tensors.ts'
import {selectByPrefix, unknownKey, withoutPrefixes} from '../select-state-dict.ts'

/** Under which keys checkpoints keep their weights, in the order in which they are tried. */
const WRAPPERS = ['state_dict', 'model', 'net', 'student_state_dict'] as const

export interface Selection {
  readonly tensors: ReadonlyMap<string, TensorView>
  readonly metadata: Metadata
  /** That there were several to choose from, and nobody said which. */
  readonly scan: readonly ScanFinding[]
}

/**
 * The state dict in what torch.save wrote: under `key`; else under the first of WRAPPERS that holds one; else the whole.
 * Throws E_KEY_UNKNOWN for a key that is not there, E_NO_WEIGHTS where no state dict is found, E_DTYPE for tensors that
 * are sparse or quantised, E_PICKLE where a key of weights is no text but may be taken for one.
 */
export function selectTensors(value: PickleValue, key: string | undefined, path: string): Selection {
  if (!isKind(value, 'dict')) throw noWeights(value, path)
  checkKeys(value, path)
  const inner = key === undefined ? unwrap(value) : value.entries.get(key)
  if (isStateDict(inner)) {
    checkKeys(inner, path)
    const tensors = withoutPrefixes(tensorsOf(inner, path))
    return {
      tensors,
      metadata: inner === value ? {} : metadataOf(value),
      scan: key === undefined ? leftAside(value, inner) : [],
    }
  }
  if (key === undefined) throw noWeights(value, path)
  if (!isStateDict(value)) throw unknownKey(path, key, stateDictKeys(value))
  return {tensors: selectByPrefix(tensorsOf(value, path), key, path), metadata: {}, scan: []}
}

/** What is made like a text may be the same key to Python as one, and so take the place of the tensors under that. */
function checkKeys({entries}: Dict, path: string): void {
  for (const [key, value] of entries)
    if (isKind(key, 'object') && mayBeText(key.type) && (isTensor(value) || isStateDict(value)))
      throw badStorage(path, `its weights have a key that is no text, but ${describe(key)}`)
}

const mayBeText = (type: string) => !makers.has(type) || type === 'builtins.str'

const isTensor = (value: PickleValue) => isKind(value, 'tensor') || isOtherTensor(value)

/** Sparse, quantised, nested, of a file within the pickle. */
const isOtherTensor = (value: PickleValue): value is Opaque =>
  isKind(value, 'object') && value.type.startsWith('torch._utils._rebuild_')

function leftAside(value: Dict, taken: Dict): ScanFinding[] {
  const others = stateDictKeys(value).filter((name) => value.entries.get(name) !== taken)
  if (others.length === 0) return []
  const [name] = [...value.entries].find(([, item]) => item === taken) ?? []
  return [
    finding(
      'severalStateDicts',
      `${name === undefined ? 'the outermost' : `that of ${describe(name)}`} was taken; ${others.slice(0, 5).map(describe).join(', ')} ${others.length === 1 ? 'holds' : 'hold'} weights as well`,
      null,
    ),
  ]
}

const unwrap = (value: Dict): PickleValue | undefined =>
  WRAPPERS.map((name) => value.entries.get(name)).find(isStateDict) ?? value

const isStateDict = (value: PickleValue | undefined): value is Dict =>
  isKind(value, 'dict') &&
  value.entries.entries().some(([name, item]) => typeof name === 'string' && isKind(item, 'tensor'))

function stateDictKeys({entries}: Dict): string[] {
  // One dict may stand under a million keys.
  const inner = new Set([...entries.values()].filter((value) => isKind(value, 'dict')))
  const stateDicts = new Set<PickleValue>([...inner].filter(isStateDict))
  return [...entries].flatMap(([name, value]) =>
    typeof name === 'string' && stateDicts.has(value) ? [name] : [],
  )
}

function tensorsOf({entries}: Dict, path: string): Map<string, TensorView> {
  const tensors = new Map<string, TensorView>()
  for (const [name, value] of entries) {
    if (typeof name !== 'string') continue
    if (isKind(value, 'tensor')) tensors.set(name, value)
    if (isOtherTensor(value))
      throw environmentError({
        code: 'E_DTYPE',
        message: `${path}: the tensor ${describe(name)} is of a kind that abd does not read (${value.type}).`,
        hints: ['Save the model in float32: dense, not quantised.'],
      })
  }
  return tensors
}

function noWeights(value: PickleValue, path: string): Error {
  const keys = isKind(value, 'dict') ? stateDictKeys(value) : []
  const whole =
    isKind(value, 'object') ||
    (isKind(value, 'dict') && [...value.entries.values()].some((v) => isKind(v, 'object')))
  return environmentError({
    code: 'E_NO_WEIGHTS',
    message: `${path} holds no state dict${whole ? ', but pickled objects' : ` (it holds ${describe(value)})`}.`,
    hints:
      keys.length > 0
        ? [`Say where the weights are: --key ${keys.slice(0, 10).map(shorten).join(' or --key ')}.`]
        : ['Save the weights alone: torch.save(model.state_dict(), path), or safetensors.'],
  })
}

const shorten = (name: string) => (name.length > 100 ? `${name.slice(0, 100)}…` : name)

const MAX_METADATA = 200
const MAX_TEXT = 1000

/** The plain values of a checkpoint: `epoch`, `best_acc1`, and of an argparse namespace `args.lr`. */
function metadataOf({entries}: Dict): Metadata {
  const found: [string, MetadataValue][] = []
  const add = (name: PickleValue, value: PickleValue) => {
    const plain = plainValue(value)
    if (typeof name === 'string' && plain !== undefined && found.length < MAX_METADATA)
      found.push([name.slice(0, MAX_TEXT), plain])
  }
  for (const [name, value] of entries) {
    if (typeof name === 'string' && isKind(value, 'object') && value.type === 'argparse.Namespace')
      for (const [argument, given] of value.state) add(`${name}.${argument}`, given)
    else add(name, value)
  }
  return Object.fromEntries(found)
}

const plainValue = (value: PickleValue): MetadataValue | undefined => {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean' || value === null) return value
  return typeof value === 'bigint' ? String(value) : undefined
}
