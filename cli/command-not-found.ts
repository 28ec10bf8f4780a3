import type {Hook} from '@oclif/core'
import {nearest, usageError} from '@abd/core'
import {errorJson, explain} from './explain.ts'
import {printableLine} from './printable.ts'

/** oclif's hook for what is no command: says the nearest one, or what was too much behind one, and exits with 2. */
export const commandNotFound: Hook<'command_not_found'> = async ({config, id, argv = []}) => {
  const words = id.split(':')
  const known = [...config.commandIDs, ...config.topics.map(({name}) => name)]
  // Whatever follows a topic arrives as part of the id, arguments too: the longest beginning that resembles something.
  const meant = words
    .map((_, n) => words.slice(0, n + 1))
    .reverse()
    .map((beginning) => ({
      typed: beginning.join(' '),
      name: nearest(
        beginning.join(':'),
        known.filter((name) => name.split(':').length === beginning.length),
      ),
    }))
    .find(({name}) => name !== undefined)
  const typed = meant?.typed ?? words[0]!
  // A command without arguments that was given one.
  const isCommand = config.commandIDs.includes(typed.replaceAll(' ', ':'))
  const error = isCommand
    ? usageError({
        code: 'E_USAGE',
        message: `Unexpected argument: ${printableLine(words[typed.split(' ').length] ?? '')}`,
        hints: [`See: abd ${typed} --help`],
      })
    : usageError({
        code: 'E_COMMAND',
        message: `abd has no command '${printableLine(typed)}'.`,
        hints: [
          ...(meant?.name === undefined ? [] : [`Did you mean: abd ${meant.name.replaceAll(':', ' ')}`]),
          'All commands: abd --help',
        ],
      })
  process.exitCode = error.exit
  if (argv.includes('--json'))
    process.stdout.write(`${JSON.stringify(errorJson(error, {command: id, interrupted: false}), null, 2)}\n`)
  else process.stderr.write(explain(error, {command: id, interrupted: false}))
}
