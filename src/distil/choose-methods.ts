import type {Context} from '../context.ts'
import {usageError} from '../errors.ts'
import {optionNames} from '../option-names.ts'
import type {Registry} from '../registry.ts'
import {parseSettings} from '../train/parse-settings.ts'
import {quirkOptions} from './compat.ts'
import type {Compat} from './compat.ts'
import type {Configuration} from './configuration.ts'
import type {DistilRequest} from './distil-student.ts'
import {partSettings} from './part-settings.ts'

/**
 * From the registry, with the options that were set, which outdo those of quirks. Throws E_SETTING, E_OPTIONS and
 * E_DEFENCES.
 */
export function chooseMethods(
  {method, defences, settings, compat}: Pick<DistilRequest, 'method' | 'defences' | 'settings' | 'compat'>,
  where: {readonly registry: Registry; readonly context: Context},
) {
  const {registry} = where
  const methodName = registry.get('distiller', method).name
  const names = defences.map((name) => registry.get('defence', name).name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw usageError({
      code: 'E_DEFENCES',
      message: `The defence '${twice}' is named twice.`,
      hints: ['Once is enough.'],
    })
  const {own: ofDefences, others} = partSettings(settings, PREFIX)
  const owners = ofDefences.map((text) => ownerOf(text, names, registry))
  const quirks = quirkOptions(compat, {method: methodName, defences: names})
  checkPrefixes(others, registry)
  const ofMethod = parseSettings(others)
  checkLength(methodName, ofMethod, registry)
  return {
    method: made('distiller', {name: methodName, options: {...quirks.ofMethod, ...ofMethod}}, where),
    defences: names.map((name) => {
      const set = parseSettings(ofDefences.filter((_, i) => owners[i] === name))
      return made('defence', {name, options: {...quirks.ofDefence(name), ...set}}, where)
    }),
  }
}

/**
 * Those of a run that was, drawing from the same streams, with another defence at the end or, where the run had it, in its
 * place; and with the options of quirks, but for what is set of that one.
 */
export function chosenAlready(
  {method, defences}: Pick<Configuration, 'method' | 'defences'>,
  {another, compat}: {readonly another: Chosen; readonly compat: Compat | undefined},
  where: {readonly registry: Registry; readonly context: Context},
) {
  const isThere = defences.some(({name}) => name === another.name)
  const all = isThere ? defences : [...defences, another]
  const quirks = quirkOptions(compat, {method: method.name, defences: all.map(({name}) => name)})
  return {
    method: made('distiller', {...method, options: {...method.options, ...quirks.ofMethod}}, where),
    defences: all.map(({name, options}) => {
      const ofQuirks = quirks.ofDefence(name)
      const chosen = name === another.name ? {...ofQuirks, ...another.options} : {...options, ...ofQuirks}
      return made('defence', {name, options: chosen}, where)
    }),
  }
}

type Chosen = Configuration['method']

/** Each draws from a stream of its own. */
const made = <K extends 'distiller' | 'defence'>(
  kind: K,
  {name, options}: Chosen,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
) => ({
  name,
  create: registry.create(kind, name, options, {...context, random: context.random.fork(name)}),
  metricNames: registry.get(kind, name).metricNames,
  options: registry.get(kind, name).options.parse(options) as Chosen['options'],
})

const PREFIX = 'defence.'

/** Throws E_SETTING where the name of a method or defence stands before an option's. */
function checkPrefixes(settings: readonly string[], registry: Registry): void {
  for (const text of settings) {
    const [, name, setting] = /^([A-Za-z]\w*)\.([A-Za-z]\w*=.+)$/s.exec(text) ?? []
    const isDefence = name !== undefined && registry.has('defence', name)
    if (!isDefence && !(name !== undefined && registry.has('distiller', name))) continue
    throw usageError({
      code: 'E_SETTING',
      message: `--set ${text}: options are not set by the name of a ${isDefence ? 'defence' : 'distiller'}.`,
      hints: [`Write --set ${isDefence ? PREFIX : ''}${setting}.`],
    })
  }
}

/** What methods say with how long they run: passes over images, or batches that they synthesise. */
const LENGTHS = ['epochs', 'cycles']

/** Throws E_OPTIONS where it is set in what the method does not count, naming what it does. */
function checkLength(name: string, settings: Readonly<Record<string, unknown>>, registry: Registry): void {
  const known = optionNames(registry.get('distiller', name))
  const wrong = LENGTHS.find((length) => length in settings && !known.includes(length))
  const own = LENGTHS.find((length) => known.includes(length))
  if (wrong === undefined || own === undefined) return
  throw usageError({
    code: 'E_OPTIONS',
    message: `The distiller '${name}' counts ${own}, not ${wrong}.`,
    hints: [`Write --set ${own}=N.`, `See its options with: abd methods distiller ${name}`],
  })
}

/** The one of the chosen defences that has the option which `name=value` sets. Throws E_SETTING. */
function ownerOf(text: string, names: readonly string[], registry: Registry): string {
  const [option] = text.split('=', 1) as [string]
  const optionsOf = (name: string) => optionNames(registry.get('defence', name))
  const owners = names.filter((name) => optionsOf(name).includes(option))
  if (owners.length === 1) return owners[0]!
  const [message, hint] =
    names.length === 0
      ? ['is for a defence, and there is none', 'Name one, as in --defence shuffling_vaccine.']
      : owners.length > 1
        ? [`could be meant for ${owners.join(' or ')}`, 'Take one of them at a time.']
        : [`is no option of ${names.join(' or ')}`, `There are: ${names.flatMap(optionsOf).join(', ')}.`]
  throw usageError({code: 'E_SETTING', message: `--set ${PREFIX}${text} ${message}.`, hints: [hint]})
}
