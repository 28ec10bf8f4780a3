import {execa} from 'execa'
import {existsSync} from 'node:fs'
import {mkdir, mkdtemp, readdir, rename, rm, statfs} from 'node:fs/promises'
import {join} from 'node:path'
import type {Context} from '../context.ts'
import {environmentError} from '../errors.ts'
import {compileBinding, findCompiler} from './compile-binding.ts'
import {withLock} from './install-lock.ts'
import {bindingWithin, cacheFolder, enginesFolder, installationFolder} from './installation.ts'
import {downloadWheels, findPip} from './pip.ts'
import {releaseFor, tensorflowVersion} from './releases.ts'
import type {Flavour, Release} from './releases.ts'
import {unpackWheel} from './unpack-wheel.ts'

export interface InstallOptions extends Pick<Context, 'progress' | 'signal'> {
  readonly flavour: Flavour
  /** Build anew what is there already. */
  readonly force?: boolean
}

export interface Installed {
  readonly flavour: Flavour
  readonly version: string
  readonly folder: string
  /** False where it was there already. */
  readonly fresh: boolean
}

/**
 * Puts the TensorFlow engine into the user's cache folder: pip fetches the pinned wheel, the user's C++ compiler makes
 * the binding. All of it is made in a draft beside its place and renamed when a new process could load it, so that
 * an interruption leaves nothing half-installed. Needs no write access to node_modules.
 *
 * @throws E_ENGINE_PLATFORM, E_ENGINE_PIP, E_ENGINE_COMPILER, E_ENGINE_DOWNLOAD, E_ENGINE_COMPILE, E_ENGINE_LOAD,
 * E_DISK_FULL, all with exit code 4; the wasm engine needs none of this.
 */
export async function installTensorFlow({
  flavour,
  force = false,
  ...context
}: InstallOptions): Promise<Installed> {
  const folder = installationFolder(flavour)
  const result = {flavour, version: tensorflowVersion, folder}
  const isThere = () => existsSync(bindingWithin(folder))
  if (isThere() && !force) return {...result, fresh: false}

  const tools = await requireTools(flavour)
  await mkdir(enginesFolder(), {recursive: true})
  return withLock(join(enginesFolder(), 'install.lock'), context, async () => {
    if (isThere() && !force) return {...result, fresh: false}
    await removeDrafts()
    await requireSpace(tools.release)
    const draft = await mkdtemp(join(enginesFolder(), draftPrefix))
    try {
      await build(draft, tools, context)
      const old = `${draft}.old`
      if (existsSync(folder)) await rename(folder, old)
      await rename(join(draft, 'engine'), folder)
      await rm(old, {recursive: true, force: true})
    } finally {
      await rm(draft, {recursive: true, force: true})
    }
    return {...result, fresh: true}
  })
}

interface Tools {
  readonly release: Release
  readonly python: string
  readonly compiler: readonly [string, ...string[]]
}

const onWasm = 'Or run on the built-in engine, which needs no installation and is slower: --engine wasm'

/** Says what is missing before anything is downloaded. */
async function requireTools(flavour: Flavour): Promise<Tools> {
  const release = releaseFor(flavour)
  if (!release)
    throw environmentError({
      code: 'E_ENGINE_PLATFORM',
      message: `There is no ${flavour === 'cuda' ? 'CUDA ' : ''}TensorFlow engine for ${process.platform}-${process.arch}.`,
      hints: ['It runs on Linux with glibc: x64 (processor and CUDA) and arm64 (processor).', onWasm],
    })
  const [python, compiler] = await Promise.all([findPip(), findCompiler()])
  if (!python)
    throw environmentError({
      code: 'E_ENGINE_PIP',
      message: 'pip, which fetches TensorFlow, was not found (neither python3 nor python has it).',
      hints: ['Install it, for example: sudo apt install python3-pip', onWasm],
    })
  if (!compiler)
    throw environmentError({
      code: 'E_ENGINE_COMPILER',
      message: 'No C++ compiler was found (tried $CXX, g++, c++ and clang++).',
      hints: ['Install one, for example: sudo apt install g++', onWasm],
    })
  return {release, python, compiler}
}

async function requireSpace({disk}: Release): Promise<void> {
  const {bavail, bsize} = await statfs(enginesFolder())
  const free = bavail * bsize
  if (free < disk)
    throw environmentError({
      code: 'E_DISK_FULL',
      message: `The TensorFlow engine needs ${gigabytes(disk)} in ${cacheFolder()}; ${gigabytes(free)} are free.`,
      hints: ['Free some space, or put the cache on another disk with ABD_CACHE_DIR.', onWasm],
    })
}

async function build(
  draft: string,
  {release, python, compiler}: Tools,
  context: Pick<Context, 'progress' | 'signal'>,
) {
  const wheels = await downloadWheels(release, {python, folder: draft, ...context})
  const engine = join(draft, 'engine')
  for (const wheel of wheels) {
    await unpackWheel(wheel, engine, context)
    await rm(wheel)
  }
  const task = context.progress.start('Compiling the binding', 1)
  try {
    const tensorflow = join(engine, 'tensorflow')
    await compileBinding(compiler, {tensorflow, binding: bindingWithin(engine), signal: context.signal})
    await rm(join(tensorflow, 'include'), {recursive: true})
    await requireLoads(bindingWithin(engine), context.signal)
    task.advance()
  } finally {
    task.end()
  }
}

/** In a process of its own: a library that this processor cannot run ends it with a signal. */
async function requireLoads(binding: string, signal: AbortSignal): Promise<void> {
  const script = 'process.stdout.write(require(process.argv[1]).TF_Version)'
  const {failed, stdout, stderr, signalDescription} = await execa(process.execPath, ['-e', script, binding], {
    cancelSignal: signal,
    reject: false,
  })
  signal.throwIfAborted()
  if (!failed && stdout === tensorflowVersion) return
  const why = signalDescription ?? /Error: (.*)/.exec(stderr)?.[1] ?? `it calls itself ${stdout || 'nothing'}`
  throw environmentError({
    code: 'E_ENGINE_LOAD',
    message: `TensorFlow was installed but cannot be loaded on this machine: ${why}`,
    hints: ['TensorFlow needs glibc 2.27 and a processor with AVX.', onWasm],
  })
}

const draftPrefix = 'draft-'

/** Of installations that were killed. */
async function removeDrafts(): Promise<void> {
  const names = await readdir(enginesFolder())
  for (const name of names)
    if (name.startsWith(draftPrefix)) await rm(join(enginesFolder(), name), {recursive: true, force: true})
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
