import {existsSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {npm} from './npm.mjs'
import {SetupError} from './run.mjs'

/**
 * Why `npm ci` has to run, in words; undefined when node_modules is what package-lock.json asks for. Optional packages
 * do not count: which of them are there depends on the machine.
 * @param {string} root
 */
export function missingDependencies(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'))
  if (!wanted)
    throw new SetupError('package-lock.json is missing or broken.', [
      'Restore it: git checkout package-lock.json',
    ])
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  if (!installed) return 'npm ci, the first time'
  const stale = Object.entries(wanted).filter(
    ([path, {version, integrity, link, optional}]) =>
      path.includes('node_modules/') &&
      !optional &&
      (installed[path]?.version !== version ||
        installed[path]?.integrity !== integrity ||
        installed[path]?.link !== link ||
        !existsSync(join(root, path))),
  )
  return stale.length > 0 ? `npm ci, packages changed or missing: ${stale.length}` : undefined
}

/** @param {string} path */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** @param {string} root */
export async function installDependencies(root) {
  // Its absence is what says "install me", also after an interrupt half-way.
  rmSync(join(root, 'node_modules', '.package-lock.json'), {force: true})
  const {code, output} = await npm([
    'ci',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefix',
    root,
  ])
  if (code !== 0) throw new SetupError(`npm ci failed.\n${lastLines(output)}`, [remedy(output)])
}

const lastLines = (output) => output.trim().split('\n').slice(-12).join('\n')

/** @param {string} output */
function remedy(output) {
  if (/ENOSPC|no space left/i.test(output))
    return 'The disk is full: free 3 GB (packages 0.8 GB, the engine 1 GB), then run this again.'
  if (/EACCES|EPERM|EROFS/.test(output))
    return 'This folder cannot be written: check its owner and mode, then run this again.'
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(output))
    return 'The npm registry cannot be reached: check the network, or npm config get registry and proxy, then run this again.'
  if (/EUSAGE|can only install packages when/.test(output))
    return 'package.json and package-lock.json disagree: run npm install, and commit the lockfile.'
  return 'Run npm ci by hand to see more, then run this again.'
}
