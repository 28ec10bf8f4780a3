import {realpath} from 'node:fs/promises'
import type {Progress} from '../../../src/context.ts'
import {environmentError} from '../../../src/errors.ts'
import {requireOutside} from '../within.ts'
import type {Inputs} from '../inputs.ts'

export interface ChosenEngine {
  readonly name: 'tensorflow' | 'wasm'
  /** The cache folder that holds it, where it is native. */
  readonly folder: string | null
  /** Another one computes other last digits. */
  readonly identity: string
  readonly words: string
}

const wasm = (words: string): ChosenEngine => ({
  name: 'wasm',
  folder: null,
  identity: 'wasm',
  words: `wasm${words}; forward passes only, transfer is not tested`,
})

/**
 * Which engine audits: TensorFlow where `abd engine install` left it on this runner and it can be loaded, else the bundle's
 * wasm; `install` sets TensorFlow up first. Throws E_INPUT where the engine's folder lies in the checkout, E_ENGINE_MISSING where TensorFlow was asked for and cannot be used, and
 * what the installation throws.
 */
export async function chooseEngine(
  wanted: Inputs['engine'],
  {
    workspace,
    ...context
  }: {readonly workspace: string; readonly progress: Progress; readonly signal: AbortSignal},
): Promise<ChosenEngine> {
  if (wanted === 'wasm') return wasm('')
  const {cacheFolder, findInstallations, hasNvidiaDriver} =
    await import('../../../src/engine/install/installation.ts')
  // It holds native code.
  await requireOutside(workspace, cacheFolder(), "The engine's cache folder (ABD_CACHE_DIR)")
  if (wanted === 'install') {
    const {installTensorFlow} = await import('../../../src/engine/install/install-tensorflow.ts')
    await installTensorFlow({flavour: hasNvidiaDriver() ? 'cuda' : 'cpu', ...context})
  }
  const installed = findInstallations().find(({origin}) => origin === 'abd')
  if (!installed && wanted === 'auto') return wasm('')
  const {probeBinding} = await import('../../../src/engine/install/probe-binding.ts')
  const probe = installed
    ? await probeBinding(installed.binding, context.signal)
    : {problem: 'it is not installed'}
  if (installed && !('problem' in probe))
    return {
      name: 'tensorflow',
      folder: await realpath(cacheFolder()),
      identity: `tensorflow ${probe.version} ${installed.flavour} ${probe.device}`,
      words: `tensorflow ${probe.version} on the ${probe.device === 'gpu' ? 'GPU' : 'processor'}`,
    }
  const problem = 'problem' in probe ? probe.problem : ''
  if (wanted === 'auto') return wasm(`, for TensorFlow cannot be loaded (${problem})`)
  throw environmentError({
    code: 'E_ENGINE_MISSING',
    message: `The TensorFlow engine cannot be used on this runner: ${problem}.`,
    hints: [
      'Set engine: install, or put it there once: abd engine install',
      'Or set engine: auto; then wasm audits, without the transfer test.',
    ],
  })
}
