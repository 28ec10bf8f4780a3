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

  it('explains every command: a summary, a description and examples that work', () => {
    expect(commands.length).toBeGreaterThan(0)
    const problems = commands.flatMap(({id, summary = '', description = '', examples = []}) => {
      const name = id.replaceAll(':', ' ')
      const lines = examples
        .map((example) => (typeof example === 'string' ? example : example.command))
        .map((line) =>
          line
            .replaceAll('<%= config.bin %>', 'abd')
            .replaceAll('<%= command.id %>', name)
            .replace(/^([A-Z]+=\S+ )+/, ''),
        )
      return [
        ...(/^[A-Z].*[^.]$/.test(summary)
          ? []
          : [`${name}: its summary is not one line without a full stop`]),
        ...(/\w+ \w+/.test(description) ? [] : [`${name}: it has no description`]),
        ...(lines.length > 0 ? [] : [`${name}: it has no example`]),
        ...lines
          .filter((line) => !line.startsWith(`abd ${name}`))
          .map((line) => `${name}: its example is of another: ${line}`),
        ...lines.flatMap((line) => unknownFlags(line).map((problem) => `${line}: ${problem}`)),
      ]
    })
    expect(problems).toEqual([])
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
  it('loads every command and nothing heavy', () => {
    const folder = mkdtempSync(join(tmpdir(), 'abd-help-'))
    const log = join(folder, 'modules')
    try {
      const {status, stdout} = spawnSync(
        process.execPath,
        [
          '--conditions=@abd/source',
          '--disable-warning=ExperimentalWarning',
          `--import=${new URL('fixtures/log-modules.mjs', import.meta.url).href}`,
          fileURLToPath(new URL('bin/dev.js', root)),
          '--help',
        ],
        {encoding: 'utf8', env: {...process.env, ABD_MODULE_LOG: log}},
      )
      const modules = readFileSync(log, 'utf8').split('\n')

      expect(status).toBe(0)
      expect(stdout).toContain('USAGE')
      for (const {id} of commands)
        expect(
          modules.some((url) => url.endsWith(`/commands/${id.replaceAll(':', '/')}.ts`)),
          id,
        ).toBe(true)
      expect(
        modules.filter((url) => /tfjs|echarts|\/zod\/|\/hono\/|undici|\/yaml\/|jpeg|png/.test(url)),
      ).toEqual([])
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
