import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'
import {dictOf, pickle, tensor} from '../core/modelfile/build-pickle.ts'
import {floats, torchEntries, zip} from '../core/modelfile/build-zip.ts'
import {scratch} from '../core/modelfile/scratch.ts'

const {path, write} = scratch()
const root = new URL('../../', import.meta.url)

it('abd models scan loads no engine and no tensor library', async () => {
  const w = tensor({count: 1, size: [1], stride: [1]})
  const model = await write('good.pt', zip(torchEntries(pickle(dictOf({w})), {0: floats(1)})))
  const log = path('modules')
  const {status, stdout} = spawnSync(
    process.execPath,
    [
      '--conditions=@abd/source',
      '--disable-warning=ExperimentalWarning',
      `--import=${new URL('test/fixtures/log-modules.mjs', root).href}`,
      fileURLToPath(new URL('bin/dev.js', root)),
      'models',
      'scan',
      model,
    ],
    {encoding: 'utf8', env: {...process.env, ABD_MODULE_LOG: log}},
  )
  const modules = readFileSync(log, 'utf8').split('\n')

  expect(status).toBe(0)
  expect(stdout).toContain('pass')
  expect(modules.some((url) => url.endsWith('/src/scan/scan-file.ts'))).toBe(true)
  expect(modules.filter((url) => /tfjs-|@tensorflow|\/src\/(engine|nn|math)\//.test(url))).toEqual([])
})
