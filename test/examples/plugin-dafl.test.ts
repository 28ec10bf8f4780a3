import {spawnSync} from 'node:child_process'
import {expect, it} from 'vitest'
import {dafl as example} from '../../examples/plugin-dafl/dafl.js'
import {dafl} from '../../plugins/distill/src/dafl/dafl.ts'
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
  expect(stdout).toMatch(/# pass 12\n# fail 0\n/)
})

it('names the paper that the dafl of abd names', () => {
  expect(dafl.paper).toBe(example.paper)
})
