import {accessSync, constants} from 'node:fs'
import {delimiter, join} from 'node:path'
import {run} from './run.mjs'
import {step} from './step.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The browser for the report's tests: ABD_CHROMIUM, or the first one in PATH. Continuous integration installs it where
 * it may; elsewhere its absence is said, and those tests are skipped.
 * @returns {Promise<string | undefined>}
 */
export async function findChromium() {
  const found = process.env.ABD_CHROMIUM ?? inPath(names)
  if (found) return found
  const mayInstall = process.env.CI && process.getuid?.() === 0 && inPath(['apt-get'])
  if (mayInstall) await step('chromium', 'apt-get install chromium', install)
  const installed = inPath(names)
  if (!installed)
    process.stdout.write(
      'chromium: not found, so the tests of the report in a browser are SKIPPED (install it, or set ABD_CHROMIUM)\n',
    )
  return installed
}

async function install() {
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'}
  const update = await run('apt-get', ['update'], {env, quiet: true})
  const {code, output} = await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], {
    env,
    quiet: true,
  })
  if (code !== 0) return `failed: ${(update.code === 0 ? output : update.output).trim().split('\n').at(-1)}`
}

/** @param {readonly string[]} programs */
function inPath(programs) {
  for (const program of programs)
    for (const folder of (process.env.PATH ?? '').split(delimiter))
      try {
        accessSync(join(folder, program), constants.X_OK)
        return join(folder, program)
      } catch {
        continue
      }
  return undefined
}
