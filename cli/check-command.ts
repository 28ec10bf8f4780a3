import {nearest} from '@abd/core'
import type {Command} from '@oclif/core/command'
import type {Config} from '@oclif/core/config'

/** A command of abd that stands at the beginning of words. */
function commandIn(
  words: readonly string[],
  config: Config,
): {command: Command.Loadable; rest: readonly string[]} | undefined {
  const flagAt = words.findIndex((word) => word.startsWith('-'))
  for (let length = Math.min(3, flagAt < 0 ? words.length : flagAt); length > 0; length--) {
    const command = config.findCommand(words.slice(0, length).join(':'))
    if (command) return {command, rest: words.slice(length)}
  }
  return undefined
}

/** Does a command record a run of its own in MLflow? */
export const recordsItself = (words: readonly string[], config: Config): boolean =>
  'track' in (commandIn(words, config)?.command.flags ?? {})

/**
 * What is wrong with a command of abd that is to be run later: its name, its flags, the values of flags with a choice, what
 * is missing. Undefined where nothing is; nothing is run, and no file is looked at.
 */
export function checkCommand(words: readonly string[], config: Config): string | undefined {
  const found = commandIn(words, config)
  if (!found) return unknownCommand(words, config)
  const {command, rest} = found
  const name = `abd ${command.id.replaceAll(':', ' ')}`
  const given = new Set<string>()
  let positionals = 0
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!
    if (!/^--?[A-Za-z]/.test(word)) {
      positionals++
      continue
    }
    const [typed = '', ...inline] = word.split('=')
    const flag = flagOf(typed, command)
    if (!flag) {
      const close = nearest(
        typed,
        Object.keys(command.flags).map((one) => `--${one}`),
      )
      return `${name} has no flag ${typed}${close ? `, did you mean ${close}?` : ''}`
    }
    given.add(flag.name)
    if (flag.type === 'boolean') continue
    const value = inline.length > 0 ? inline.join('=') : rest[++i]
    if (value === undefined) return `${name}: ${typed} has no value`
    if (flag.options && !flag.options.includes(value))
      return `${name}: ${typed} is one of ${flag.options.join(', ')}, not ${value}`
  }
  return missing(command, {name, given, positionals})
}

function missing(
  {args, flags, strict}: Command.Loadable,
  {
    name,
    given,
    positionals,
  }: {readonly name: string; readonly given: ReadonlySet<string>; readonly positionals: number},
): string | undefined {
  const required = Object.values(args).filter((arg) => arg.required)
  if (positionals < required.length) return `${name} needs ${required[positionals]!.name.toUpperCase()}`
  const most = Object.keys(args).length
  if (strict !== false && positionals > most)
    return `${name} takes ${most === 0 ? 'no argument' : `${most} argument${most > 1 ? 's' : ''}`}, and here are ${positionals}`
  const absent = Object.values(flags).find((flag) => flag.required && !given.has(flag.name))
  if (absent) return `${name} needs --${absent.name}`
  return 'out' in flags && !given.has('out')
    ? `${name} needs --out with a file in {out}: jobs would write over each other's files`
    : undefined
}

function flagOf(typed: string, {flags}: Command.Loadable) {
  const name = typed.replace(/^--/, '')
  const negated = name.startsWith('no-') ? flags[name.slice(3)] : undefined
  if (flags[name]) return flags[name]
  if (negated?.type === 'boolean' && negated.allowNo) return negated
  return typed.startsWith('--') ? undefined : Object.values(flags).find(({char}) => `-${char}` === typed)
}

function unknownCommand(words: readonly string[], config: Config): string {
  const names = config.commands.map(({id}) => id.replaceAll(':', ' '))
  const typed = words
    .filter((word) => !word.startsWith('-'))
    .slice(0, 2)
    .join(' ')
  const close = nearest(typed, names)
  return `there is no command abd ${typed}${close ? `, did you mean abd ${close}?` : ''}`
}
