// The one way in: `npm run demo`, `npm test`, `npm run test:slow`, `npm run bench`, `npm run check` and `npm run pack` come
// here. Installs and builds what is missing or stale, then does the job under the right Node. Only Node's own modules are
// imported, and nothing that Node 20 lacks: the first time there is nothing else.
import {join} from 'node:path'
import {performance} from 'node:perf_hooks'
import {fileURLToPath} from 'node:url'
import {build, staleBuild, staleVendor, vendor} from './setup/build.mjs'
import {check} from './setup/check.mjs'
import {findChromium} from './setup/chromium.mjs'
import {installDependencies, missingDependencies} from './setup/dependencies.mjs'
import {installEngine} from './setup/engine.mjs'
import {chooseNode, environmentOf} from './setup/node.mjs'
import {SetupError, forwardSignals, run} from './setup/run.mjs'
import {step} from './setup/step.mjs'
import {runTests} from './setup/tests.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What each job needs beyond packages and a build, and what it runs; answers the exit code. */
const jobs = {
  demo: {engine: true, work: script('scripts/demo.mjs')},
  bench: {engine: true, work: script('bench/run.ts')},
  test: {engine: true, work: tests('vitest.config.ts')},
  'test:slow': {engine: true, work: tests('vitest.slow.config.ts')},
  check: {engine: false, work: check},
  pack: {engine: false, work: script('scripts/pack.mjs')},
  abd: {engine: true, work: script('bin/run.js')},
  setup: {engine: true, work: async () => 0},
}

/** @param {string} file */
function script(file) {
  return async ({node, env, args}) =>
    (await run(node, ['--disable-warning=ExperimentalWarning', join(root, file), ...args], {env})).code
}

/** @param {string} config */
function tests(config) {
  return async ({node, env, args}) => {
    const chromium = await findChromium()
    return runTests({root, node, env: {...env, ...(chromium && {ABD_CHROMIUM: chromium})}, config, args})
  }
}

async function main([name = '', ...args]) {
  const job = Object.hasOwn(jobs, name) ? jobs[name] : undefined
  if (!job) throw new SetupError(`There is no job '${name}'.`, [`Known: ${Object.keys(jobs).join(', ')}.`], 2)
  forwardSignals()
  const began = performance.now()
  const did = [await step('packages', missingDependencies(root), () => installDependencies(root))]
  const node = chooseNode(root)
  const env = environmentOf(node, root)
  did.push(await step('engine sources', staleVendor(root), () => vendor(root, node, env)))
  did.push(await step('build', staleBuild(root), () => build(root, node, env)))
  if (job.engine) await installEngine(root, node, env)
  if (did.some(Boolean))
    process.stdout.write(`set-up: ready after ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
  return job.work({root, node, env, args})
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`\nError: ${error.message}\n${error.hints.map((hint) => `  → ${hint}\n`).join('')}`)
  process.exitCode = error.exitCode
}
