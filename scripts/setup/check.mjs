import {join} from 'node:path'
import {performance} from 'node:perf_hooks'
import {run} from './run.mjs'

/** What `npm run check` runs, all of it even when one fails: a format, lint, type or dead code problem each shows. */
const checks = {
  format: [
    'prettier/bin/prettier.cjs',
    '--check',
    '--log-level=warn',
    '--cache',
    '--cache-location=node_modules/.cache/abd/prettier',
    '.',
  ],
  lint: [
    'eslint/bin/eslint.js',
    '--cache',
    '--cache-location=node_modules/.cache/abd/eslint',
    '--max-warnings=0',
    '.',
  ],
  types: ['typescript/bin/tsc', '-p', 'tsconfig.test.json'],
  'dead code': ['knip/bin/knip.js'],
}

/** @param {{root: string, node: string, env: NodeJS.ProcessEnv}} options */
export async function check({root, node, env}) {
  let failed = 0
  for (const [name, [program, ...args]] of Object.entries(checks)) {
    const began = performance.now()
    const {code, output} = await run(node, [join(root, 'node_modules', program), ...args], {
      env,
      cwd: root,
      quiet: true,
    })
    process.stdout.write(
      `${name}: ${code === 0 ? 'ok' : 'FAILED'} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`,
    )
    if (output.trim()) process.stdout.write(`${output.trim()}\n`)
    if (code !== 0) failed++
  }
  return failed === 0 ? 0 : 1
}
