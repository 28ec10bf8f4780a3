import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {expect, it} from 'vitest'

const script = fileURLToPath(new URL('../../../scripts/fuzz.ts', import.meta.url))

it('5000 mutated files for each reader give a model or a typed error, in time and memory', async () => {
  const {stdout} = await promisify(execFile)(process.execPath, [
    '--conditions=@abd/source',
    script,
    '--runs',
    '5000',
  ])

  const lines = stdout.trim().split('\n')
  expect(lines).toHaveLength(10)
  for (const line of lines) expect(line).toMatch(/^[\w, -]+: 5000 files, [1-9]\d* read, [1-9]\d* refused/)
}, 600_000)
