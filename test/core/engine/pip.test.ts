import {execFileSync, spawnSync} from 'node:child_process'
import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'

const hasPip = spawnSync('python3', ['-m', 'pip', '--version'], {cwd: '/'}).status === 0
if (!hasPip) console.warn('Whether a checkout can stand in for pip is not tested: it needs python3 with pip.')

it.skipIf(!hasPip)('asks the pip of Python, not a pip.py of the current folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'abd-pip-'))
  try {
    writeFileSync(join(folder, 'pip.py'), "open('ran', 'w')\n")
    const module = fileURLToPath(new URL('../../../src/engine/install/pip.ts', import.meta.url))
    const script = `const {findPip} = await import(${JSON.stringify(module)}); console.log(await findPip())`
    const said = execFileSync(
      process.execPath,
      ['--conditions=@abd/source', '--input-type=module', '--eval', script],
      {cwd: folder, encoding: 'utf8'},
    )
    expect(said.trim()).toBe('python3')
    expect(existsSync(join(folder, 'ran'))).toBe(false)
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
})
