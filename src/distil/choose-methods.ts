import type {Context} from '../context.ts'
import {usageError} from '../errors.ts'
import {optionNames} from '../option-names.ts'
import type {Registry} from '../registry.ts'
import {parseSettings} from '../train/parse-settings.ts'
import type {Configuration} from './configuration.ts'
import type {DistilRequest} from './distil-student.ts'

/** From the registry, with the options that were set. Throws E_SETTING, E_OPTIONS and E_DEFENCES. */
export function chooseMethods(
  {method, defences, settings}: Pick<DistilRequest, 'method' | 'defences' | 'settings'>,
  where: {readonly registry: Registry; readonly context: Context},
) {
  const {registry} = where
  const names = defences.map((name) => registry.get('defence', name).name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw usageError({
      code: 'E_DEFENCES',
      message: `The defence '${twice}' is named twice.`,
      hints: ['Once is enough.'],
    })
  const ofDefences = settings
    .filter((text) => text.startsWith(PREFIX))
    .map((text) => text.slice(PREFIX.length))
  const owners = ofDefences.map((text) => ownerOf(text, names, registry))
  return {
    method: made(
      'distiller',
      {
        name: registry.get('distiller', method).name,
        options: parseSettings(settings.filter((text) => !text.startsWith(PREFIX))),
      },
      where,
    ),
    defences: names.map((name) =>
      made('defence', {name, options: parseSettings(ofDefences.filter((_, i) => owners[i] === name))}, where),
    ),
  }
}

/**
 * Those of a run that was, drawing from the same streams, with another defence at the end or, where the run had it, in its
 * place.
 */
export function chosenAlready(
  {method, defences}: Pick<Configuration, 'method' | 'defences'>,
  another: Chosen,
  where: {readonly registry: Registry; readonly context: Context},
) {
  const replaced = defences.map((defence) => (defence.name === another.name ? another : defence))
  return {
    method: made('distiller', method, where),
    defences: (replaced.includes(another) ? replaced : [...replaced, another]).map((defence) =>
      made('defence', defence, where),
    ),
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
