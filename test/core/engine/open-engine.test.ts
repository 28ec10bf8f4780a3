import {openEngine, surveyEngines} from '@abd/core/engine'
import {findInstallations} from '@abd/core/engine/install'
import {execa} from 'execa'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'

const isInstalled = findInstallations().length > 0
if (!isInstalled)
  console.warn('The TensorFlow engine is not installed (abd engine install): some tests are skipped.')

describe('where TensorFlow is not installed', () => {
  let cache: string

  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'abd-cache-'))
    vi.stubEnv('ABD_CACHE_DIR', cache)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(cache, {recursive: true})
  })

  test('asking for it is an error with a remedy', async () => {
    await expect(openEngine('tensorflow')).rejects.toMatchObject({
      code: 'E_ENGINE_MISSING',
      exit: 4,
      hints: expect.arrayContaining([expect.stringContaining('abd engine install')]),
    })
  })

  test('auto opens wasm and says why, once', async () => {
    const notes: string[] = []
    await using engine = await openEngine('auto', {note: (line) => notes.push(line)})
    expect(engine.name).toBe('wasm')
    expect(notes).toEqual([expect.stringMatching(/not installed.*wasm.*abd engine install/)])
  })

  test('the survey says so', async () => {
    const states = (await surveyEngines()).map(({name, state}) => `${name} ${state}`)
    expect(states).toEqual(['tensorflow missing', 'wasm used', 'cpu available'])
  })

  test.runIf(process.platform === 'linux')(
    'a binding that cannot be loaded is told apart from none',
    async () => {
      await install(cache, 'rubbish')
      await expect(openEngine('tensorflow')).rejects.toMatchObject({code: 'E_ENGINE_LOAD', exit: 4})
      const notes: string[] = []
      await using engine = await openEngine('auto', {note: (line) => notes.push(line)})
      expect(engine.name).toBe('wasm')
      expect(notes).toEqual([expect.stringMatching(/cannot be loaded.*abd engine install --force/)])
      expect(await surveyEngines()).toMatchObject([{state: 'broken'}, {state: 'used'}, {state: 'available'}])
    },
  )
})

/** Puts a file where the binding would be. */
async function install(cache: string, content: string): Promise<void> {
  const {installationFolder, bindingWithin} = await import('../../../src/engine/install/installation.ts')
  const binding = bindingWithin(installationFolder('cpu'))
  expect(binding.startsWith(cache)).toBe(true)
  await mkdir(dirname(binding), {recursive: true})
  await writeFile(binding, content)
}

test.skipIf(!isInstalled)('TensorFlow starts without a word on standard error', async () => {
  const script = `
    const {openEngine} = await import('@abd/core/engine')
    const engine = await openEngine('tensorflow')
    console.log(engine.name, engine.version)`
  const {stdout, stderr} = await execa(
    process.execPath,
    [
      '--conditions=@abd/source',
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      script,
    ],
    {cwd: import.meta.dirname},
  )
  expect(stdout).toMatch(/^tensorflow \d+\.\d+\.\d+$/)
  expect(stderr).toBe('')
})
