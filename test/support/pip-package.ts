import {execFileSync} from 'node:child_process'
import {PATIENCE, unpackedOnce} from './unpacked-once.ts'

/**
 * A Python package at an exact version ('lpips==0.1.4'), unpacked by pip, or undefined, with a loud word, where there is no pip
 * or no registry. `source`: its source distribution, which is unpacked and not installed.
 */
export function pipPackage(
  requirement: string,
  {source = false, dependencies = false} = {},
): string | undefined {
  const name = requirement.replace('==', '-') + (source ? '-source' : '')
  const shallow = dependencies ? [] : ['--no-deps']
  return unpackedOnce(name, `pip does not bring ${requirement}`, (folder) => {
    const pip = (...rest: string[]) =>
      execFileSync('python3', ['-m', 'pip', '-q', '--disable-pip-version-check', ...rest], {
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: PATIENCE,
      })
    if (source) {
      pip('download', '--no-deps', '--no-binary', ':all:', '-d', folder, requirement)
      execFileSync('sh', ['-c', 'tar xzf "$1"/*.tar.gz -C "$1" --strip-components 1', 'sh', folder])
    } else pip('install', '--target', folder, '--only-binary', ':all:', ...shallow, requirement)
  })
}
