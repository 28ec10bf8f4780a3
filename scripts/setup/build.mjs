import {existsSync, readFileSync, readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {SetupError, run} from './run.mjs'
import {filesOf, fingerprint, readStamp, writeStamp} from './stamp.mjs'

/** The workspace's packages, the root first. @param {string} root */
export const packageFolders = (root) => [
  '.',
  'src',
  'cli',
  ...readdirSync(join(root, 'plugins')).map((name) => join('plugins', name)),
]

/**
 * What a build depends on: the sources as they are now.
 * @param {string} root
 */
function state(root) {
  const files = filesOf(root, ['commands', 'src', 'cli', 'plugins'], /\.ts$|package\.json$|tsconfig\.json$/)
  files.push('package.json', 'tsconfig.json', 'tsconfig.base.json')
  return {files, fingerprint: fingerprint(root, files)}
}

/** Why `tsc -b` has to run, in words. @param {string} root */
export function staleBuild(root) {
  const stamp = readStamp(root, 'build')
  if (!stamp || packageFolders(root).some((folder) => !existsSync(join(root, folder, 'dist'))))
    return 'tsc -b'
  return stamp.fingerprint === state(root).fingerprint ? undefined : 'tsc -b, sources changed'
}

/** @param {string} root @param {string} node @param {NodeJS.ProcessEnv} env */
export async function build(root, node, env) {
  const now = state(root)
  // A command whose source is gone would live on in dist, and oclif would list it.
  if (readStamp(root, 'build')?.files.join() !== now.files.join())
    for (const folder of packageFolders(root))
      rmSync(join(root, folder, 'dist'), {recursive: true, force: true})
  const {code, output} = await run(node, [join(root, 'node_modules/typescript/bin/tsc'), '-b', root], {
    env,
    quiet: true,
  })
  if (code !== 0)
    throw new SetupError(
      `The build failed.\n${firstLines(output)}`,
      ['Mend what tsc names, then run this again.'],
      1,
    )
  writeStamp(root, 'build', now)
}

function firstLines(output) {
  const lines = output.trim().split('\n')
  return lines.length > 30
    ? [...lines.slice(0, 30), `(and ${lines.length - 30} more lines)`].join('\n')
    : lines.join('\n')
}

const vendorScript = 'scripts/vendor-tfjs-node.mjs'
const vendored = 'src/vendor/tfjs-node'

/** What the vendored JavaScript kernels depend on: the script and the package they come from. @param {string} root */
const vendorState = (root) =>
  [vendorScript, 'node_modules/@tensorflow/tfjs-node-gpu/package.json']
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join()

/** Why the engine's JavaScript has to be vendored again, in words. @param {string} root */
export function staleVendor(root) {
  if (!existsSync(join(root, vendored))) return 'kernels of tfjs-node'
  return readStamp(root, 'vendor') === vendorState(root) ? undefined : 'kernels of tfjs-node, changed'
}

/** @param {string} root @param {string} node @param {NodeJS.ProcessEnv} env */
export async function vendor(root, node, env) {
  const {code, output} = await run(node, [join(root, vendorScript)], {env, quiet: true})
  if (code !== 0)
    throw new SetupError(`${vendorScript} failed.\n${output.trim()}`, ['Run npm ci, then run this again.'], 1)
  writeStamp(root, 'vendor', vendorState(root))
}
