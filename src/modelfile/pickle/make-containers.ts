import {inert} from './make-inert.ts'
import {fail} from './machine.ts'
import type {Maker} from './makers.ts'
import {isKind, list, opaque, tuple, type Dict, type PickleValue} from './values.ts'

/** In their order; a set's is Python's own affair. */
const itemsOf = (value: PickleValue | undefined): readonly PickleValue[] | undefined =>
  value === undefined ? [] : isKind(value, 'tuple') || isKind(value, 'list') ? value.items : undefined

/** From items in their order; what Python would find in something else is not known. */
const of =
  (type: string, make: (items: PickleValue[]) => PickleValue): Maker =>
  (args) => {
    const items = itemsOf(args[0])
    return items ? make([...items]) : opaque(type, args)
  }

const whole = (value: PickleValue | undefined) =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))

/** From pairs, from another dict, or empty. */
const dict: Maker = (args, machine) => {
  const [from] = args
  const made: Dict = {kind: 'dict', entries: new Map()}
  if (isKind(from, 'dict')) {
    for (const [key, value] of from.entries) made.entries.set(key, value)
    return made
  }
  const pairs = itemsOf(from)
  if (!pairs) return opaque('builtins.dict', args)
  for (const pair of pairs) {
    const [key, value] = itemsOf(pair) ?? []
    if (key === undefined || value === undefined) return fail(machine, 'a dict of items that are not pairs')
    made.entries.set(key, value)
  }
  return made
}

/** The first argument is what makes missing values; it is never asked. */
const defaultDict: Maker = ([, from], machine) => dict(from === undefined ? [] : [from], machine)

const plain = [
  'argparse.Namespace',
  'types.SimpleNamespace',
  'collections.deque',
  'datetime.date',
  'datetime.datetime',
  'datetime.time',
  'datetime.timedelta',
  'datetime.timezone',
  'decimal.Decimal',
  'fractions.Fraction',
  'uuid.UUID',
  // Python 3.13 has them in pathlib._local.
  ...['pathlib', 'pathlib._local'].flatMap((module) =>
    ['Path', 'PosixPath', 'PurePath', 'PurePosixPath', 'PureWindowsPath', 'WindowsPath'].map(
      (name) => `${module}.${name}`,
    ),
  ),
]

const builtin: Readonly<Record<string, Maker>> = {
  dict,
  list: of('builtins.list', list),
  tuple: of('builtins.tuple', tuple),
  set: of('builtins.set', (items) => ({kind: 'set', items})),
  frozenset: of('builtins.frozenset', (items) => ({kind: 'set', items})),
  int: (args) =>
    args.length === 0 ? 0 : args.length === 1 && whole(args[0]) ? args[0]! : opaque('builtins.int', args),
  float: ([value]) => (typeof value === 'number' ? value : 0),
  bool: ([value]) => value === true || value === 1,
  str: (args) =>
    args.length === 0 ? '' : typeof args[0] === 'string' ? args[0] : opaque('builtins.str', args),
  complex: inert('builtins.complex'),
  object: inert('builtins.object'),
  slice: inert('builtins.slice'),
  range: inert('builtins.range'),
}

const under = (module: string) =>
  Object.fromEntries(Object.entries(builtin).map(([name, make]) => [`${module}.${name}`, make]))

export const containers: Readonly<Record<string, Maker>> = {
  ...Object.fromEntries(plain.map((type) => [type, inert(type)])),
  ...under('builtins'),
  ...under('__builtin__'),
  // Python 2's names, which protocol 2 writes for Python 3's types.
  '__builtin__.long': builtin['int']!,
  '__builtin__.unicode': builtin['str']!,
  '__builtin__.xrange': builtin['range']!,
  'collections.OrderedDict': dict,
  'collections.Counter': dict,
  'collections.defaultdict': defaultDict,
}
