import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, renameSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/**
 * A package of npm at an exact version ('nsfwjs@4.4.0'), unpacked and not installed: none of its scripts run. The folder is
 * found again by later runs (in ABD_TEST_CACHE, else the system's temporary folder); undefined, with a loud word, where npm
 * or its registry is not to be had.
 */
export function npmPackage(requirement: string): string | undefined {
  const cache = process.env['ABD_TEST_CACHE'] ?? join(tmpdir(), 'abd-test-packages')
  const folder = join(cache, `npm-${requirement.replace(/[^\w.-]/g, '-')}`)
  if (existsSync(folder)) return folder
  const partial = `${folder}.${process.pid}`
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, {cwd: partial, stdio: ['ignore', 'ignore', 'pipe'], timeout: 240_000})
  try {
    mkdirSync(partial, {recursive: true})
    run('npm', 'pack', '--silent', '--ignore-scripts', requirement)
    run('sh', '-c', 'tar xzf ./*.tgz --strip-components 1 && rm ./*.tgz')
    renameSync(partial, folder)
    return folder
  } catch (error) {
    rmSync(partial, {recursive: true, force: true})
    const reason = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error)
    console.warn(`Skipped: npm does not bring ${requirement} (${reason}).`)
    return undefined
  }
}
