import {existsSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {SetupError} from './run.mjs'

const needed = [22, 20]

/**
 * The Node that everything after the installation runs under: the one npm installed beside us, else the present one.
 * @param {string} root
 */
export function chooseNode(root) {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const own = join(root, 'node_modules', `node-${system}-${process.arch}`, 'bin', file)
  if (existsSync(own)) return own
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return process.execPath
  throw new SetupError(`Node ${needed.join('.')} or newer is needed; this is ${process.versions.node}.`, [
    `npm has no Node for ${process.platform} ${process.arch} here: install Node 24 from https://nodejs.org, then run this again.`,
  ])
}

/**
 * The environment in which that Node is the one called `node`.
 * @param {string} node
 * @param {string} root
 */
export const environmentOf = (node, root) => ({
  ...process.env,
  PATH: [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
})
