import {availableParallelism} from 'node:os'
import {findCompiler} from './install/compile-binding.ts'
import type {Engine, EngineName} from './engine.ts'
import {cacheFolder, findInstallations, hasNvidiaDriver} from './install/installation.ts'
import type {Installation} from './install/installation.ts'
import {findPip} from './install/pip.ts'
import {probeBinding} from './install/probe-binding.ts'
import {releaseFor} from './install/releases.ts'

/** An engine on this machine, whether it could run or not. */
export interface SurveyedEngine {
  readonly name: EngineName
  /** `used` is what `--engine auto` opens. */
  readonly state: 'used' | 'available' | 'broken' | 'missing'
  readonly version: string | null
  readonly device: Engine['device'] | null
  readonly threads: number | null
  /** The native binding, where there is one. */
  readonly path: string | null
  readonly note: string
}

/** Something that an installation needs, or a reason why a better engine is not used. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  readonly remedy: string | null
}

/** Looks at every engine without opening one: bindings are loaded in processes of their own. Best first. */
export async function surveyEngines(): Promise<readonly SurveyedEngine[]> {
  const natives = await Promise.all(findInstallations().map(surveyInstallation))
  const tensorflow = natives.length > 0 ? natives : [missingTensorFlow]
  // Loaded when asked for: this module must not bring every backend along.
  const {version_wasm} = await import('@tensorflow/tfjs-backend-wasm')
  const {version_cpu} = await import('@tensorflow/tfjs-backend-cpu')
  const builtIn = (name: EngineName, version: string, note: string): SurveyedEngine => ({
    ...{name, version, note},
    ...{state: 'available', device: 'cpu', threads: 1, path: null},
  })
  const engines = [
    ...tensorflow,
    builtIn('wasm', version_wasm, 'built in; several times slower than tensorflow'),
    builtIn('cpu', version_cpu, 'built in; plain JavaScript, for tests on tiny tensors'),
  ]
  const used = engines.findIndex(({state}) => state === 'available')
  return engines.map((engine, i) => (i === used ? {...engine, state: 'used'} : engine))
}

const missingTensorFlow: SurveyedEngine = {
  ...{name: 'tensorflow', state: 'missing', version: null, device: null, threads: null, path: null},
  note: 'not installed: abd engine install',
}

async function surveyInstallation({binding, flavour, origin}: Installation): Promise<SurveyedEngine> {
  const probe = await probeBinding(binding)
  const from = origin === 'abd' ? `${flavour}, installed by abd` : `${flavour}, from npm's own package`
  const common = {name: 'tensorflow', path: binding} as const
  if ('problem' in probe)
    return {
      ...common,
      ...{state: 'broken', version: null, device: null, threads: null},
      note: `${from}; cannot be loaded (${probe.problem})`,
    }
  return {...common, ...probe, state: 'available', threads: availableParallelism(), note: from}
}

/** What stands between this machine and its best engine. */
export async function checkMachine(engines: readonly SurveyedEngine[]): Promise<readonly Check[]> {
  const [python, compiler] = await Promise.all([findPip(), findCompiler()])
  const native = engines.find(({name, state}) => name === 'tensorflow' && state === 'used') ?? engines[0]
  const usable = native?.state === 'used'
  const hasGpu = hasNvidiaDriver()
  const usesGpu = engines.some(({state, device}) => state === 'used' && device === 'gpu')
  const check = (name: string, ok: boolean, found: string, remedy: string): Check => ({
    ...{name, ok, found},
    remedy: ok ? null : remedy,
  })
  return [
    check(
      'platform',
      releaseFor('cpu') !== undefined,
      platformName(),
      'TensorFlow needs Linux with glibc on x64 or arm64; wasm runs everywhere.',
    ),
    check(
      'pip',
      python !== undefined,
      python ? `${python} -m pip` : 'not found',
      'sudo apt install python3-pip',
    ),
    check(
      'compiler',
      compiler !== undefined,
      compiler?.join(' ') ?? 'not found',
      'sudo apt install g++ (or set CXX)',
    ),
    check(
      'TensorFlow',
      usable,
      native?.note ?? '',
      native?.state === 'broken' ? 'abd engine install --force' : 'abd engine install',
    ),
    check(
      'GPU',
      usesGpu || !hasGpu,
      usesGpu ? 'in use' : hasGpu ? 'an NVIDIA driver, not in use' : 'none',
      'abd engine install --cuda',
    ),
    check('cache', true, cacheFolder(), ''),
  ]
}

const platformName = () => `${process.platform} ${process.arch}, Node ${process.versions.node}`
