import {execFileSync} from 'node:child_process'
import {PATIENCE, unpackedOnce} from './unpacked-once.ts'

/**
 * A package of npm at an exact version ('nsfwjs@4.4.0'), unpacked and not installed: none of its scripts run. Undefined, with
 * a loud word, where npm or its registry is not to be had.
 */
export function npmPackage(requirement: string): string | undefined {
  const name = `npm-${requirement.replace(/[^\w.-]/g, '-')}`
  return unpackedOnce(name, `npm does not bring ${requirement}`, (folder) => {
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, {cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: PATIENCE})
    run('npm', 'pack', '--silent', '--ignore-scripts', requirement)
    run('sh', '-c', 'tar xzf ./*.tgz --strip-components 1 && rm ./*.tgz')
  })
}
