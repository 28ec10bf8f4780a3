import {createHash} from 'node:crypto'
import {mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

// Inside node_modules: whoever installs anew also builds anew.
const file = (root, name) => join(root, 'node_modules', '.cache', 'abd', `${name}.json`)

/** The fingerprint that the last successful run of a step left, or undefined. */
export function readStamp(root, name) {
  try {
    return JSON.parse(readFileSync(file(root, name), 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {string} root @param {string} name @param {unknown} value */
export function writeStamp(root, name, value) {
  mkdirSync(dirname(file(root, name)), {recursive: true})
  writeFileSync(file(root, name), JSON.stringify(value))
}

/**
 * All files below the folders (or the files themselves), without dist, node_modules and vendor, sorted.
 * @param {string} root @param {readonly string[]} paths @param {RegExp} pattern
 * @returns {string[]}
 */
export function filesOf(root, paths, pattern) {
  const found = []
  const visit = (path) => {
    const stat = statSync(join(root, path), {throwIfNoEntry: false})
    if (!stat) return
    if (stat.isFile() && pattern.test(path)) found.push(path)
    if (stat.isDirectory())
      for (const name of readdirSync(join(root, path)))
        if (!['dist', 'node_modules', 'vendor', 'assets'].includes(name)) visit(join(path, name))
  }
  paths.forEach(visit)
  return found.sort()
}

/** What changes when a file's content, size or time does. @param {string} root @param {readonly string[]} files */
export function fingerprint(root, files) {
  const hash = createHash('sha256')
  for (const path of files) {
    const {mtimeMs, size} = statSync(join(root, path))
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}
