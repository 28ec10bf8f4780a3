import {inert} from './make-inert.ts'
import {fail} from './machine.ts'
import type {Maker} from './makers.ts'
import {isKind, list, tuple, type Dict, type PickleValue} from './values.ts'

const items = (value: PickleValue | undefined): readonly PickleValue[] =>
  isKind(value, 'tuple') || isKind(value, 'list') || isKind(value, 'set') ? value.items : []

/** From pairs, from another dict, or empty. */
const dict: Maker = ([from], machine) => {
  const made: Dict = {kind: 'dict', entries: new Map()}
  if (isKind(from, 'dict')) for (const [key, value] of from.entries) made.entries.set(key, value)
  for (const pair of items(from)) {
    const [key, value] = items(pair)
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
  list: ([from]) => list([...items(from)]),
  tuple: ([from]) => tuple([...items(from)]),
  set: ([from]) => ({kind: 'set', items: [...items(from)]}),
  frozenset: ([from]) => ({kind: 'set', items: [...items(from)]}),
  int: ([value]) => (typeof value === 'number' || typeof value === 'bigint' ? value : 0),
  float: ([value]) => (typeof value === 'number' ? value : 0),
  bool: ([value]) => value === true || value === 1,
  str: ([value]) => (typeof value === 'string' ? value : ''),
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
  'collections.OrderedDict': dict,
  'collections.Counter': dict,
  'collections.defaultdict': defaultDict,
}
