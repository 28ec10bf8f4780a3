import type {Context} from '../context.ts'
import {usageError} from '../errors.ts'
import {optionNames} from '../option-names.ts'
import type {Registry} from '../registry.ts'
import {parseSettings} from '../train/parse-settings.ts'
import type {Configuration} from './configuration.ts'
import type {DistilRequest} from './distil-student.ts'

/** From the registry, with the options that were set; each draws from a stream of its own. */
export function chooseMethods(
  {method, defences, settings}: Pick<DistilRequest, 'method' | 'defences' | 'settings'>,
  {registry, context}: {readonly registry: Registry; readonly context: Context},
) {
  const make = <K extends 'distiller' | 'defence'>(kind: K, name: string, texts: readonly string[]) => {
    const set = parseSettings(texts)
    return {
      name,
      create: registry.create(kind, name, set, {...context, random: context.random.fork(name)}),
      options: registry.get(kind, name).options.parse(set) as Configuration['method']['options'],
    }
  }
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
    method: make(
      'distiller',
      registry.get('distiller', method).name,
      settings.filter((text) => !text.startsWith(PREFIX)),
    ),
    defences: names.map((name) =>
      make(
        'defence',
        name,
        ofDefences.filter((_, i) => owners[i] === name),
      ),
    ),
  }
}

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
