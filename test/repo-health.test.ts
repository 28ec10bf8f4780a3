import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, readFileSync, readdirSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const json = (path: string) => JSON.parse(read(path)) as Record<string, any>
const folders = (path: string) =>
  readdirSync(join(root, path), {withFileTypes: true})
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))

/** What git knows and what it would add; files that are deleted but not yet committed are left out. */
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)))
  // Bundled from what is checked here; test/action/bundle.test.ts sees that it is fresh.
  .filter((path) => !path.startsWith('action/dist/'))
const texts = tracked
  .filter((path) => path !== 'package-lock.json')
  .map((path) => ({path, text: read(path)}))
  .filter(({text}) => !text.includes('\0'))

const packages = ['.', 'src', 'cli', ...folders('plugins')].map((folder) => ({
  folder,
  manifest: json(join(folder, 'package.json')),
}))
const lock = json('package-lock.json')['packages'] as Record<string, Record<string, any>>
const production = Object.entries(lock).filter(
  ([path, {dev, link}]) => path.startsWith('node_modules/') && !dev && !link,
)

describe('dependencies', () => {
  it('one tfjs-core is in the tree', () => {
    const copies = Object.keys(lock).filter((path) => path.endsWith('node_modules/@tensorflow/tfjs-core'))
    expect(copies).toEqual(['node_modules/@tensorflow/tfjs-core'])
  })

  it('packages that share a dependency ask for the same version', () => {
    const asked = new Map<string, Set<string>>()
    for (const {manifest} of packages)
      for (const field of ['dependencies', 'devDependencies', 'optionalDependencies'])
        for (const [name, version] of Object.entries((manifest[field] ?? {}) as Record<string, string>))
          asked.set(name, (asked.get(name) ?? new Set()).add(version))

    expect([...asked].filter(([, versions]) => versions.size > 1)).toEqual([])
  })

  it('versions are exact, apart from the Node that npm brings', () => {
    const loose = packages.flatMap(({folder, manifest}) =>
      Object.entries({...manifest['dependencies'], ...manifest['devDependencies']} as Record<string, string>)
        .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${folder}: ${name} ${version}`),
    )
    expect(loose).toEqual([])
  })

  it('nothing that users install runs a script', () => {
    expect(production.filter(([, {hasInstallScript}]) => hasInstallScript).map(([path]) => path)).toEqual([])
  })

  it('everything that users install may be shipped with an MIT program', () => {
    const compatible = [
      'MIT',
      'MIT-0',
      'ISC',
      '0BSD',
      'BSD-2-Clause',
      'BSD-3-Clause',
      'Apache-2.0',
      'BlueOak-1.0.0',
      'CC0-1.0',
      'Unlicense',
      'Python-2.0',
      'Zlib',
    ]
    // Whose package.json names a file instead: read by us; its hash, so that a change shows.
    const reviewed = new Map([
      // NIST: use, copy and distribute in any medium; HDF5: BSD-3-Clause.
      ['node_modules/h5wasm', 'f3ba6b8afe2a0d6f482f29a46672f88668ae02b16dfc4a2e878fd50a4f34fa6a'],
    ])
    const wasReviewed = (path: string) =>
      reviewed.has(path) &&
      reviewed.get(path) ===
        createHash('sha256')
          .update(readFileSync(join(root, path, 'LICENSE.txt')))
          .digest('hex')
    const mayShip = (licence: string) =>
      licence
        .replaceAll(/[()]/g, '')
        .split(' OR ')
        .some((choice) => choice.split(' AND ').every((name) => compatible.includes(name)))

    const doubtful = production
      .map(([path, {license}]) => ({
        path,
        licence: String(license ?? json(join(path, 'package.json'))['license']),
      }))
      .filter(({path, licence}) => !mayShip(licence) && !wasReviewed(path))
    expect(doubtful).toEqual([])
  })

  it('the lockfile has every package it asks for, also those for other machines: npm ci refuses it otherwise', () => {
    const found = (at: string, name: string): boolean =>
      join(at, 'node_modules', name) in lock ||
      (at !== '' && found(at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/'))), name))
    const missing = Object.entries(lock).flatMap(([path, {dependencies, optionalDependencies}]) =>
      Object.keys({...dependencies, ...optionalDependencies}).filter((name) => !found(path, name)),
    )
    expect(missing).toEqual([])
  })

  it('the lockfile names no host', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:/)
  })
})

describe('packages', () => {
  it('all have the fields they need and one version', () => {
    const {version, engines} = json('package.json')
    for (const {folder, manifest} of packages)
      expect({folder, ...manifest}).toMatchObject({
        folder,
        name: expect.stringMatching(/^(abd|@abd\/(core|cli|plugin-[a-z]+))$/),
        version,
        description: expect.stringMatching(/\w{3}/),
        license: 'MIT',
        type: 'module',
        files: expect.arrayContaining(['dist', '!dist/**/*.tsbuildinfo']),
        engines,
      })
  })

  it('the root depends on each, builds each and bundles nothing else', () => {
    const workspaces = packages.filter(({folder}) => folder !== '.')
    const {dependencies} = json('package.json')
    const {references} = json('tsconfig.json') as {references: {path: string}[]}

    expect(references.map(({path}) => path.replace('./', '')).sort()).toEqual(
      workspaces.map(({folder}) => folder).sort(),
    )
    for (const {manifest} of workspaces)
      expect(dependencies).toHaveProperty([manifest['name'] as string], manifest['version'])
  })

  it('exports lead to files, and to the same file with and without a build', () => {
    for (const {folder, manifest} of packages)
      for (const [name, target] of Object.entries(
        (manifest['exports'] ?? {}) as Record<string, string | Record<string, string>>,
      )) {
        if (typeof target === 'string') {
          expect(existsSync(join(root, folder, target)), `${folder} ${name}`).toBe(true)
          continue
        }
        const source = target['@abd/source']!
        const built = source.replace(/^\.\/(src\/)?/, './dist/').replace(/\.ts$/, '')
        expect(target).toEqual({'@abd/source': source, types: `${built}.d.ts`, default: `${built}.js`})
        const subfolders = name.includes('*') ? barrels(folder) : ['']
        for (const subfolder of subfolders)
          expect(
            existsSync(join(root, folder, source.replace('*', subfolder))),
            `${folder} ${name} ${subfolder}`,
          ).toBe(true)
      }
  })

  it('plugins answer the hook and have no "." export, which would mislead oclif', () => {
    for (const {folder, manifest} of packages.filter(({folder}) => folder.startsWith('plugins'))) {
      expect(manifest['exports']).not.toHaveProperty(['.'])
      // One that brings commands and no methods has nothing to answer.
      if (!existsSync(join(root, folder, 'src/index.ts'))) continue
      expect(manifest['oclif'].hooks).toEqual({'abd:plugin': './dist/hooks/plugin'})
      expect(existsSync(join(root, folder, 'src/hooks/plugin.ts')), folder).toBe(true)
    }
  })

  it('every command lies below the topic of its plugin', () => {
    for (const folder of folders('plugins')) {
      const topic = folder.replace('plugins/', '')
      const commands = tracked.filter((path) => path.startsWith(`${folder}/src/commands/`))
      expect(commands.filter((path) => !path.startsWith(`${folder}/src/commands/${topic}/`))).toEqual([])
    }
  })
})

describe('files', () => {
  it('name no registry and no path of a machine', () => {
    // Put together here, so that this file does not find itself.
    const hosts = [
      ['registry', 'npmjs'],
      ['registry', 'yarnpkg'],
      ['pypi', 'org'],
      ['files', 'pythonhosted'],
      ['proxy', 'golang'],
    ].map((parts) => parts.join('\\.'))
    const homes = ['work', 'root', 'Users', 'home'].map((home) => `(?<![\\w.:}~*-])/${home}/\\w`)
    const forbidden = new RegExp([...hosts, ...homes].join('|'))

    const found = texts.flatMap(({path, text}) =>
      text
        .split('\n')
        .flatMap((line, i) => (forbidden.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    )
    expect(found).toEqual([])
  })

  it('have at most 400 lines', () => {
    const code = texts.filter(({path}) => /\.(ts|js|mjs|py|css|sh)$/.test(path))
    expect(code.filter(({text}) => text.split('\n').length > 401).map(({path}) => path)).toEqual([])
  })

  it('are named in kebab-case', () => {
    const code = tracked.filter((path) => /\.(ts|js|mjs)$/.test(path) && !path.startsWith('.'))
    expect(code.filter((path) => !/^([\w.-]+\/)*[a-z0-9]+([-.][a-z0-9]+)*$/.test(path))).toEqual([])
    expect(code.filter((path) => /(^|\/)(utils|helpers|common|misc|manager)(\.|\/)/.test(path))).toEqual([])
  })
})

describe('documents', () => {
  const documents = texts.filter(({path}) => path.endsWith('.md'))
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-')
  const anchors = (path: string) =>
    read(path)
      .split('\n')
      .filter((line) => /^#+ /.test(line))
      .map((line) => slug(line.replace(/^#+ /, '')))

  it('link to what exists', () => {
    const broken = documents.flatMap(({path, text}) =>
      [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => target!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => {
          const [file, anchor] = target.split('#')
          const at = file ? relative('.', join(dirname(path), file)) : path
          return (
            !existsSync(join(root, at)) || (anchor && at.endsWith('.md') && !anchors(at).includes(anchor))
          )
        })
        .map((target) => `${path}: ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('decision records are numbered without a gap and tell context, decision and consequences', () => {
    const records = readdirSync(join(root, 'docs/decisions')).sort()
    expect(records.map((name) => name.slice(0, 5))).toEqual(
      records.map((_, i) => `${String(i + 1).padStart(4, '0')}-`),
    )
    for (const name of records) {
      const headings = read(`docs/decisions/${name}`)
        .split('\n')
        .filter((line) => line.startsWith('#'))
      expect(headings, name).toEqual([
        expect.stringMatching(/^# \d+\. \w/),
        '## Context',
        '## Decision',
        '## Consequences',
      ])
    }
  })
})

describe('workflows', () => {
  const workflows = texts.filter(({path}) => /^(\.github\/workflows|workflows)\/.*\.ya?ml$/.test(path))

  it('pin every action by its commit and say what they may do', () => {
    expect(workflows.length).toBeGreaterThan(0)
    for (const {path, text} of workflows) {
      const used = [...text.matchAll(/uses:\s*(\S+)/g)]
        .map(([, name]) => name!)
        .filter((name) => !name.startsWith('./'))
      expect(
        used.filter((name) => !/@[0-9a-f]{40}$/.test(name)),
        path,
      ).toEqual([])
      expect(text, path).toMatch(/^permissions:/m)
    }
  })
})

/** The subfolders of a package that have a barrel; one with sources and without a barrel is a mistake. */
function barrels(folder: string): string[] {
  const names = folders(folder)
    .map((path) => relative(folder, path))
    .filter((name) => !['dist', 'vendor', 'assets', 'node_modules'].includes(name))
  expect(names.length).toBeGreaterThan(0)
  return names
}
