/** What a pickle builds, as inert data: the only things that abd's interpreter makes. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Sequence
  | Dict
  | Global
  | Storage
  | TensorView
  | Opaque

export interface Sequence {
  readonly kind: 'tuple' | 'list' | 'set'
  readonly items: PickleValue[]
}

/** `dict` or `OrderedDict`. Keys that are objects are told apart by identity. */
export interface Dict {
  readonly kind: 'dict'
  readonly entries: Map<PickleValue, PickleValue>
}

/** A name that a pickle imports. */
export interface Global {
  readonly kind: 'global'
  readonly module: string
  readonly name: string
}

/** `torch.FloatStorage` under a key; `count` items. Legacy files have views, which begin at item `begin`. */
export interface Storage {
  readonly kind: 'storage'
  /** 'FloatStorage', 'UntypedStorage'. */
  readonly type: string
  readonly key: string
  readonly count: number
  readonly begin: number
}

/** A tensor as PyTorch rebuilds it: a view of a storage; offset and strides in items. */
export interface TensorView {
  readonly kind: 'tensor'
  readonly storage: Storage
  /** 'float32'; where torch names another one, as it is named ('complex64'). */
  readonly dtype: string
  readonly offset: number
  readonly size: readonly number[]
  readonly stride: readonly number[]
}

/** An object that is kept as what it was made of. */
export interface Opaque {
  readonly kind: 'object'
  /** 'argparse.Namespace'. */
  readonly type: string
  readonly args: readonly PickleValue[]
  /** Attributes that BUILD set. */
  readonly state: Map<string, PickleValue>
}

type Kinded = Extract<PickleValue, {kind: string}>

type OfKind<V, K> = V extends {readonly kind: infer Kind} ? (K extends Kind ? V : never) : never

export const isKind = <K extends Kinded['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is OfKind<Kinded, K> =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind

export const tuple = (items: PickleValue[]): Sequence => ({kind: 'tuple', items})
export const list = (items: PickleValue[]): Sequence => ({kind: 'list', items})
export const opaque = (type: string, args: readonly PickleValue[]): Opaque => ({
  kind: 'object',
  type,
  args,
  state: new Map(),
})
export const qualified = ({module, name}: Global): string => `${module}.${name}`

/** A short description for messages: "'id'", "a tuple". */
export function describe(value: PickleValue): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 60)
  if (value.kind === 'global') return qualified(value)
  if (value.kind === 'object') return `an object of ${value.type}`
  return `a ${value.kind}`
}
