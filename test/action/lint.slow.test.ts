import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tools = join(root, 'node_modules/.cache/abd')
const workflows = ['workflows', '.github/workflows'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => join(folder, name)),
)
const run = (program: string, args: readonly string[], env: Record<string, string> = {}) =>
  spawnSync(program, args, {cwd: root, encoding: 'utf8', env: {...process.env, ...env}})

/** Made by Go and kept; undefined without it. */
function actionlint(): string | undefined {
  const bin = join(tools, 'bin')
  mkdirSync(bin, {recursive: true})
  const program = join(bin, 'actionlint')
  if (run(program, ['-version']).status !== 0)
    run('go', ['install', 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'], {GOBIN: bin})
  return run(program, ['-version']).status === 0 ? program : undefined
}

/** From PyPI into an environment of its own, and kept; undefined without pip. */
function linters(): string | undefined {
  const folder = join(tools, 'linters')
  const zizmor = join(folder, 'bin/zizmor')
  if (run(zizmor, ['--version']).status !== 0) {
    run('python3', ['-m', 'venv', folder])
    run(join(folder, 'bin/pip'), ['install', '-q', 'zizmor==1.32.0', 'check-jsonschema==0.39.0'])
  }
  return run(zizmor, ['--version']).status === 0 ? join(folder, 'bin') : undefined
}

const lint = actionlint()
const bin = linters()
if (lint === undefined) console.warn('Skipped: actionlint, for Go or its module proxy is not there.')
if (bin === undefined)
  console.warn('Skipped: zizmor and check-jsonschema, for pip or its index is not there.')

describe.skipIf(lint === undefined)('actionlint', () => {
  it('finds nothing in any workflow', () => {
    const {stdout, status} = run(lint!, [
      '-config-file',
      '.github/actionlint.yaml',
      '-shellcheck=',
      ...workflows,
    ])
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})

describe.skipIf(bin === undefined)('zizmor and check-jsonschema', () => {
  it('find nothing in any workflow', () => {
    // act and actionlint do not know `uses: $/` yet, which zizmor would rather see than `./`.
    const {stdout, status} = run(join(bin!, 'zizmor'), [
      '--offline',
      '--persona=auditor',
      '--min-severity=medium',
      '--no-progress',
      ...workflows,
    ])
    expect(stdout).toContain('No findings')
    expect(status).toBe(0)
    const schema = run(join(bin!, 'check-jsonschema'), [
      '--builtin-schema',
      'vendor.github-workflows',
      ...workflows,
    ])
    expect(schema.stdout + schema.stderr).toContain('ok')
  })

  it('find nothing in action.yml', () => {
    const {stdout, status} = run(join(bin!, 'check-jsonschema'), [
      '--builtin-schema',
      'vendor.github-actions',
      'action.yml',
    ])
    expect(stdout).toContain('ok')
    expect(status).toBe(0)
  })
})
