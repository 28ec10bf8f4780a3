import {Config} from '@oclif/core/config'
import type {Command} from '@oclif/core/command'
import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {beforeAll, describe, expect, it} from 'vitest'
import {sourcePlugins} from '../bin/source-plugins.ts'

const root = new URL('..', import.meta.url)
let commands: Command.Loadable[]

beforeAll(async () => {
  const config = await Config.load(await sourcePlugins(root))
  commands = config.commands.sort((a, b) => (a.id < b.id ? -1 : 1))
})

describe('the command surface', () => {
  // A difference here is a change for users: name it in CHANGELOG.md, then update with: npm test -- -u command-snapshot
  it('is what was promised', async () => {
    const surface = Object.fromEntries(
      commands.map(({id, aliases, args, flags, hidden}) => [
        id.replaceAll(':', ' '),
        {
          ...(aliases.length > 0 && {aliases}),
          ...(hidden && {hidden}),
          args: Object.values(args).map(({name, required}) => (required ? name : `[${name}]`)),
          flags: Object.values(flags).map(describeFlag).sort(),
        },
      ]),
    )
    await expect(`${JSON.stringify(surface, null, 2)}\n`).toMatchFileSnapshot('command-snapshot.json')
  })

  it('explains every command: a summary, a description and an example that works', () => {
    expect(commands.length).toBeGreaterThan(0)
    for (const {id, summary, description, examples = []} of commands) {
      const name = id.replaceAll(':', ' ')
      expect(summary, name).toMatch(/^[A-Z].*[^.]$/)
      expect(description, name).toMatch(/\w+ \w+/)
      expect(examples.length, name).toBeGreaterThan(0)
      for (const example of examples) {
        const line = typeof example === 'string' ? example : example.command
        expect(line, name).toMatch(/<%= config\.bin %> <%= command\.id %>|abd /)
        expect(
          unknownFlags(line.replaceAll('<%= config.bin %> <%= command.id %>', `abd ${name}`)),
          line,
        ).toEqual([])
      }
    }
  })

  it('explains every flag and argument', () => {
    const silent = commands.flatMap(({id, flags, args}) =>
      [...Object.values(flags), ...Object.values(args)]
        .filter((it) => !('summary' in it && it.summary) && !it.description)
        .map(({name}) => `${id} ${name}`),
    )
    expect(silent).toEqual([])
  })

  it('is what the documents use', () => {
    const documents = spawnSync('git', ['ls-files', '*.md', '*.yml'], {cwd: root, encoding: 'utf8'})
      .stdout.split('\n')
      .filter(Boolean)
    const wrong = documents.flatMap((path) =>
      [...readFileSync(new URL(path, root), 'utf8').matchAll(/^(?:\$ )?((?:npx )?abd [^\n|>#]+)/gm)].flatMap(
        ([, line]) =>
          unknownFlags(line!.replace('npx ', '')).map((problem) => `${path}: ${line!.trim()}: ${problem}`),
      ),
    )
    expect(wrong).toEqual([])
  })
})

describe('help', () => {
  it('loads nothing heavy, whichever command it is about', () => {
    const folder = mkdtempSync(join(tmpdir(), 'abd-help-'))
    try {
      for (const words of [[], ...commands.map(({id}) => id.split(':'))]) {
        const log = join(folder, 'modules')
        const {status, stdout} = spawnSync(
          process.execPath,
          [
            '--conditions=@abd/source',
            '--disable-warning=ExperimentalWarning',
            `--import=${new URL('fixtures/log-modules.mjs', import.meta.url).href}`,
            fileURLToPath(new URL('bin/dev.js', root)),
            ...words,
            '--help',
          ],
          {encoding: 'utf8', env: {...process.env, ABD_MODULE_LOG: log}},
        )
        const modules = readFileSync(log, 'utf8').split('\n')

        expect(status, words.join(' ')).toBe(0)
        expect(stdout).toContain('USAGE')
        expect(modules.some((url) => url.includes('/cli/base-command.ts'))).toBe(true)
        expect(
          modules.filter((url) => /tfjs|echarts|\/zod\/|\/hono\/|undici|yaml|\/sharp\//.test(url)),
        ).toEqual([])
        rmSync(log)
      }
    } finally {
      rmSync(folder, {recursive: true, force: true})
    }
  })
})

function describeFlag(flag: Command.Flag.Any): string {
  const value =
    flag.type === 'boolean'
      ? flag.allowNo
        ? ' (or --no-)'
        : ''
      : `=${'options' in flag && flag.options ? flag.options.join('|') : 'value'}`
  const fallback =
    'default' in flag && flag.default !== undefined && typeof flag.default !== 'function'
      ? ` [${String(flag.default)}]`
      : ''
  return [
    flag.char ? `-${flag.char}, ` : '',
    `--${flag.name}`,
    value,
    'multiple' in flag && flag.multiple ? '…' : '',
    fallback,
    flag.required ? ' (required)' : '',
    flag.hidden ? ' (hidden)' : '',
  ].join('')
}

/** What a command line in a document asks for and abd does not have. */
function unknownFlags(line: string): string[] {
  const words = line
    .trim()
    .replaceAll(/["'`\\]/g, '')
    .split(/\s+/)
    .slice(1)
  if (words[0]?.startsWith('-')) return []
  const command = commands
    .filter(({id}) => id.split(':').every((word, i) => words[i] === word))
    .sort((a, b) => b.id.length - a.id.length)[0]
  if (!command)
    return commands.some(({id}) => id.startsWith(`${words[0]}:`)) && words.length === 1
      ? []
      : ['no such command']
  const known = new Set([
    '--help',
    ...Object.values(command.flags).flatMap(({name, char}) => [`--${name}`, `--no-${name}`, `-${char}`]),
  ])
  return words
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.split('=')[0]!)
    .filter((word) => !known.has(word))
}
