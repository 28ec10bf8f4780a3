import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {missingDependencies} from '../../scripts/setup/dependencies.mjs'
import {filesOf, fingerprint} from '../../scripts/setup/stamp.mjs'

const scripts = fileURLToPath(new URL('../../scripts/', import.meta.url))
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'abd-setup-'))
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

function write(path: string, content: unknown) {
  mkdirSync(dirname(join(root, path)), {recursive: true})
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

describe('missingDependencies', () => {
  const wanted = {
    '': {name: 'x'},
    'node_modules/a': {version: '1.0.0', integrity: 'sha512-a'},
    'node_modules/a/node_modules/b': {version: '2.0.0', integrity: 'sha512-b'},
    'node_modules/elsewhere': {version: '1.0.0', integrity: 'sha512-e', optional: true},
  }
  const installed = {
    'node_modules/a': {version: '1.0.0', integrity: 'sha512-a'},
    'node_modules/a/node_modules/b': {version: '2.0.0', integrity: 'sha512-b'},
  }
  const install = (packages: object) => {
    write('package-lock.json', {packages: wanted})
    write('node_modules/.package-lock.json', {packages})
    write('node_modules/a/node_modules/b/package.json', {})
  }

  it('asks for nothing when all but the other machines’ packages are there', () => {
    install(installed)
    expect(missingDependencies(root)).toBeUndefined()
  })

  it('asks for everything the first time, and after an installation that did not end', () => {
    write('package-lock.json', {packages: wanted})
    expect(missingDependencies(root)).toBe('npm ci, the first time')
  })

  it.each([
    ['its version', {version: '1.0.1', integrity: 'sha512-a'}],
    ['its content', {version: '1.0.0', integrity: 'sha512-other'}],
    ['its being there', undefined],
  ])('notices that a package differs in %s', (_, a) => {
    install({...installed, 'node_modules/a': a})
    expect(missingDependencies(root)).toBe('npm ci, packages changed or missing: 1')
  })

  it('notices a folder that somebody removed', () => {
    install(installed)
    rmSync(join(root, 'node_modules/a/node_modules/b'), {recursive: true})
    expect(missingDependencies(root)).toBe('npm ci, packages changed or missing: 1')
  })

  it('says how to mend a broken lockfile', () => {
    write('package-lock.json', '{')
    expect(() => missingDependencies(root)).toThrow('package-lock.json is missing or broken.')
  })
})

describe('fingerprint', () => {
  it('changes with a file’s time, and leaves out what is generated', () => {
    write('src/a.ts', 'a')
    write('src/dist/a.js', 'a')
    write('src/vendor/b.ts', 'b')
    write('src/readme.md', 'c')
    const files = filesOf(root, ['src', 'absent'], /\.ts$/)
    expect(files).toEqual(['src/a.ts'])

    const before = fingerprint(root, files)
    expect(fingerprint(root, files)).toBe(before)
    utimesSync(join(root, 'src/a.ts'), 1, 1)
    expect(fingerprint(root, files)).not.toBe(before)
  })
})

describe('the bootstrap', () => {
  it('names the jobs it knows', () => {
    const {status, stderr} = spawnSync(process.execPath, [join(scripts, 'bootstrap.mjs'), 'tset'], {
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(stderr).toMatch(/There is no job 'tset'\.\n {2}→ Known: demo, bench, test, /)
    expect(stderr).not.toContain('    at ')
  })

  it.skipIf(process.platform === 'win32')(
    'interrupted, ends what it started and what that started',
    async () => {
      // A shell that ignores the interrupt and waits for a child: both have to go at the second one.
      write(
        'main.mjs',
        `import {forwardSignals, run} from ${JSON.stringify(`${scripts}setup/run.mjs`)}
       forwardSignals()
       await run('sh', ['-c', 'trap "" INT; sleep 300 & echo "child $!"; wait']).catch((error) => (process.exitCode = error.exitCode))`,
      )
      const main = spawn(process.execPath, [join(root, 'main.mjs')], {stdio: ['ignore', 'pipe', 'inherit']})
      const [line] = (await once(main.stdout.setEncoding('utf8'), 'data')) as [string]
      const child = Number(/child (\d+)/.exec(line)![1])

      main.kill('SIGINT')
      await new Promise((resolve) => setTimeout(resolve, 700))
      expect(main.exitCode).toBeNull()
      main.kill('SIGINT')
      const [code] = (await once(main, 'exit')) as [number]

      expect(code).toBe(130)
      // Gone, or a zombie that nobody has collected yet.
      const state = () =>
        spawnSync('ps', ['-o', 'stat=', '-p', String(child)], {encoding: 'utf8'}).stdout.trim()
      await expect.poll(state).toMatch(/^(Z.*)?$/)
    },
  )
})
