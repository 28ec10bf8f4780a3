import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, renameSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/**
 * A Python package at an exact version ('lpips==0.1.4'), unpacked by pip into a folder of its own that later runs find
 * again (in ABD_TEST_CACHE, else the system's temporary folder), or undefined, with a loud word, where there is no pip or
 * no registry. `source`: its source distribution, which is unpacked and not installed.
 */
export function pipPackage(
  requirement: string,
  {source = false, dependencies = false} = {},
): string | undefined {
  const cache = process.env['ABD_TEST_CACHE'] ?? join(tmpdir(), 'abd-test-packages')
  const folder = join(cache, requirement.replace('==', '-') + (source ? '-source' : ''))
  if (existsSync(folder)) return folder
  const partial = `${folder}.${process.pid}`
  const pip = (...rest: string[]) =>
    execFileSync('python3', ['-m', 'pip', '-q', '--disable-pip-version-check', ...rest], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 240_000,
    })
  const shallow = dependencies ? [] : ['--no-deps']
  try {
    mkdirSync(partial, {recursive: true})
    if (source) {
      pip('download', '--no-deps', '--no-binary', ':all:', '-d', partial, requirement)
      execFileSync('sh', ['-c', 'tar xzf "$1"/*.tar.gz -C "$1" --strip-components 1', 'sh', partial])
    } else pip('install', '--target', partial, '--only-binary', ':all:', ...shallow, requirement)
    renameSync(partial, folder)
    return folder
  } catch (error) {
    rmSync(partial, {recursive: true, force: true})
    const reason = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error)
    console.warn(`Skipped: pip does not bring ${requirement} (${reason}).`)
    return undefined
  }
}
