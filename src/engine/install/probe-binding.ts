import {execa} from 'execa'
import type {Engine} from '../engine.ts'

export type Probe = Pick<Engine, 'version' | 'device'> | {readonly problem: string}

/** Loads a binding in a process of its own: a library that this processor cannot run ends that with a signal. */
export async function probeBinding(binding: string, signal?: AbortSignal): Promise<Probe> {
  const {failed, stdout, stderr, signalDescription} = await execa(process.execPath, ['-e', script, binding], {
    reject: false,
    env: {TF_CPP_MIN_LOG_LEVEL: '2'},
    ...(signal ? {cancelSignal: signal} : {}),
  })
  signal?.throwIfAborted()
  const [version, device] = stdout.split(' ')
  if (!failed && version && (device === 'cpu' || device === 'gpu')) return {version, device}
  return {problem: signalDescription ?? /Error: (.*)/.exec(stderr)?.[1] ?? 'it does not answer'}
}

const script = `
  const {TF_Version, isUsingGpuDevice} = require(process.argv[1])
  process.stdout.write(TF_Version + ' ' + (isUsingGpuDevice() ? 'gpu' : 'cpu'))`
