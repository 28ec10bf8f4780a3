import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, it} from 'vitest'
import {tensorflowVersion} from '../../src/engine/install/releases.ts'
import {bundleAction} from '../../scripts/bundle-action.ts'
import {osSystem, pickle} from '../core/modelfile/build-pickle.ts'
import {pullRequest, runAction} from './pull-request.ts'

const dist = mkdtempSync(join(tmpdir(), 'abd-dist-'))
beforeAll(() => bundleAction(dist))
afterAll(() => rmSync(dist, {recursive: true, force: true}))

/** Why nothing can be installed here, or undefined. */
function lacking(): string | undefined {
  const run = (command: string, ...args: string[]) => {
    try {
      execFileSync(command, args, {stdio: 'pipe', timeout: 60_000})
      return true
    } catch {
      return false
    }
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is no Linux on x64'
  if (!run('python3', '-m', 'pip', '--version')) return 'python3 has no pip'
  if (!run('c++', '--version')) return 'there is no C++ compiler'
  if (!run('python3', '-m', 'pip', '--retries=0', 'index', 'versions', 'tensorflow-cpu'))
    return 'pip reaches no package index'
  return undefined
}

const lack = lacking()
if (lack) console.warn(`engine: install is not tested: ${lack}.`)

/** What tells pip where its index is and whom to trust. */
const settingsOfPip = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        /^(PIP_|SSL_CERT_|REQUESTS_CA_BUNDLE$|HOME$)|_proxy$/i.test(entry[0]) && entry[1] !== undefined,
    ),
  )

it.skipIf(lack !== undefined)(
  'engine: install fetches TensorFlow once, audits with it, and finds it there the next time',
  async () => {
    using pull = pullRequest({}, {'teacher.pt': pickle(osSystem)})
    const run = () =>
      runAction(dist, pull, {
        event: 'workflow_dispatch',
        payload: {},
        inputs: {engine: 'install'},
        env: {...settingsOfPip(), ABD_CACHE_DIR: join(pull.folder, 'cache')},
      })

    const [first, second] = [await run(), await run()]

    for (const {code, log, outputs} of [first, second]) {
      expect(log).toContain(`Engine: tensorflow ${tensorflowVersion}`)
      expect([code, outputs['verdict']]).toEqual([1, 'block'])
    }
    expect(first.log).toContain('Downloading TensorFlow')
    expect(second.log).not.toContain('Downloading TensorFlow')
  },
)
