import {appendFileSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {run} from './run.mjs'

/**
 * Runs vitest and ends with a line for each failure and one with the counts, `N passed, N failed`. Answers the exit code:
 * a run without a test has failed. Where ABD_COUNTS_TOTAL names a file (.ci/run does), both are appended to it instead.
 * @param {{root: string, node: string, env: NodeJS.ProcessEnv, config: string, args: readonly string[]}} options
 */
export async function runTests({root, node, env, config, args}) {
  const folder = mkdtempSync(join(tmpdir(), 'abd-counts-'))
  const file = join(folder, 'counts.json')
  try {
    const {code} = await run(
      node,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        `--root=${root}`,
        `--config=${join(root, config)}`,
        '--reporter=default',
        `--reporter=${join(root, 'scripts/setup/count-reporter.mjs')}`,
        ...args,
      ],
      {env: {...env, ABD_COUNTS: file}},
    )
    const counts = readCounts(file)
    if (counts.passed + counts.failed === 0) process.stdout.write('No test ran.\n')
    // vitest can fail without a failed test: no file matched, a broken configuration.
    if (code !== 0 && counts.failed === 0) counts.failed = 1
    const failures = counts.failures.map((failure) => `failed: ${failure}\n`).join('')
    const total = process.env.ABD_COUNTS_TOTAL
    if (total) appendFileSync(total, `${counts.passed} ${counts.failed} ${counts.skipped}\n${failures}`)
    else process.stdout.write(`${failures}${closingLine(counts)}\n`)
    return counts.failed > 0 || counts.passed === 0 ? 1 : 0
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {passed: 0, failed: 0, skipped: 0, failures: []}
  }
}

const closingLine = ({passed, failed, skipped}) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
