import {SetupError, run} from './run.mjs'

/**
 * Runs npm and keeps what it prints: the npm that runs us, else the one in PATH.
 * @param {readonly string[]} args @param {{cwd?: string, env?: NodeJS.ProcessEnv}} [options]
 */
export async function npm(args, options = {}) {
  const own = process.env.npm_execpath
  const [command, ...before] = own?.endsWith('.js') ? [process.execPath, own] : ['npm']
  try {
    return await run(command, [...before, ...args], {...options, quiet: true})
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    throw new SetupError('npm was not found.', ['Install Node with npm: https://nodejs.org'])
  }
}
