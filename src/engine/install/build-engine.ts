import {rm, statfs} from 'node:fs/promises'
import {join} from 'node:path'
import type {Context} from '../../context.ts'
import {environmentError} from '../../errors.ts'
import {compileBinding} from './compile-binding.ts'
import type {Tools} from './install-tools.ts'
import {bindingWithin} from './installation.ts'
import {onWasm} from './on-wasm.ts'
import {downloadWheels} from './pip.ts'
import {probeBinding} from './probe-binding.ts'
import {unpackWheels} from './unpack-wheels.ts'

/** Makes an engine below `draft` and resolves to its folder, which may be moved: it was loaded once, elsewhere. */
export async function buildEngine(
  draft: string,
  {release, python, compiler}: Tools,
  context: Pick<Context, 'progress' | 'signal'>,
): Promise<string> {
  await requireSpace(draft, release.disk)
  const wheels = await downloadWheels(release, {python, folder: draft, ...context})
  const engine = join(draft, 'engine')
  await unpackWheels(wheels, engine, context)
  await Promise.all(wheels.map((wheel) => rm(wheel)))
  const task = context.progress.start('Compiling the binding', 1)
  try {
    const tensorflow = join(engine, 'tensorflow')
    const binding = bindingWithin(engine)
    await compileBinding(compiler, {tensorflow, binding, signal: context.signal})
    await rm(join(tensorflow, 'include'), {recursive: true})
    await requireLoads(binding, context.signal)
    task.advance()
  } finally {
    task.end()
  }
  return engine
}

async function requireSpace(folder: string, needed: number): Promise<void> {
  const {bavail, bsize} = await statfs(folder)
  const free = bavail * bsize
  if (free < needed)
    throw environmentError({
      code: 'E_DISK_FULL',
      message: `The TensorFlow engine needs ${gigabytes(needed)} below ${folder}; ${gigabytes(free)} are free.`,
      hints: ['Free some space, or put the cache on another disk with ABD_CACHE_DIR.', onWasm],
    })
}

async function requireLoads(binding: string, signal: AbortSignal): Promise<void> {
  const probe = await probeBinding(binding, signal)
  if ('problem' in probe)
    throw environmentError({
      code: 'E_ENGINE_LOAD',
      message: `TensorFlow cannot be loaded on this machine: ${probe.problem}`,
      hints: ['It needs glibc 2.27 and a processor with AVX.', onWasm],
    })
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
