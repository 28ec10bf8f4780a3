import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, readdirSync} from 'node:fs'
import {join, relative} from 'node:path'
import type {Expected} from './assembled.ts'

/** modelaudit's source distribution (MIT, © Promptfoo) brings real attack files; its wheel does not. */
const PACKAGE = 'modelaudit==0.2.54'
const SHA256 = '87ffdef31b0a0f9f0bf65c1fbc920c3217300a8924a87d9b95715dd7ed70a5dc'
const ROOT = 'modelaudit-0.2.54/tests/assets'

/** Unpacks the corpus into `folder`, from the package registry where it is not there yet; answers where its files lie. */
export function fetchPublished(folder: string): string {
  const assets = join(folder, ROOT)
  if (existsSync(assets)) return assets
  mkdirSync(folder, {recursive: true})
  const archive = join(folder, 'modelaudit-0.2.54.tar.gz')
  if (!existsSync(archive))
    execFileSync(
      'python3',
      ['-m', 'pip', 'download', '-q', '--no-deps', '--no-binary', ':all:', '-d', folder, PACKAGE],
      {stdio: ['ignore', 'ignore', 'inherit']},
    )
  const found = createHash('sha256').update(readFileSync(archive)).digest('hex')
  if (found !== SHA256) throw new Error(`${archive} has the SHA-256 ${found}, not ${SHA256}.`)
  execFileSync('tar', ['xzf', archive, '-C', folder, ROOT, 'modelaudit-0.2.54/LICENSE'])
  return assets
}

const folders = [
  'exploits',
  'pickles',
  'samples/pickles',
  'samples/pytorch',
  'samples/safetensors',
  'samples/archives',
  'samples/keras',
  'samples/tensorflow',
  'scenarios/security_scenarios',
]

/** Its model files with what must come of each: what calls itself safe is accepted, all others are blocked. */
export function published(
  assets: string,
): {readonly path: string; readonly name: string; readonly expected: Expected}[] {
  return folders
    .flatMap((folder) => readdirSync(join(assets, folder), {recursive: true, withFileTypes: true}))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({
      path,
      name: relative(assets, path),
      expected: /[/]safe_[^/]*(?:[/]|$)/.test(path.slice(assets.length))
        ? ('accept' as const)
        : ('block' as const),
    }))
}
