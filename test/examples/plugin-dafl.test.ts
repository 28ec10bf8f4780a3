import {spawnSync} from 'node:child_process'
import {expect, it} from 'vitest'
import {root} from '../e2e/abd.ts'

it('the example plugin passes its own tests, which are the distiller contract', () => {
  const {NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env} = process.env
  const conditions = ['--conditions=@abd/source', '--disable-warning=ExperimentalWarning']
  const {status, stdout} = spawnSync(process.execPath, [...conditions, '--test', '--test-reporter=tap'], {
    cwd: `${root}/examples/plugin-dafl`,
    encoding: 'utf8',
    env,
  })
  expect(status, stdout).toBe(0)
  expect(stdout).toContain('ok 2 - the same seed gives the same student, another seed another')
  expect(stdout).toMatch(/# pass 11\n# fail 0\n/)
})
