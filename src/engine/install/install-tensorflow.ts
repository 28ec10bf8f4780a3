import {existsSync} from 'node:fs'
import {mkdir, mkdtemp, readdir, rename, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {Context} from '../../context.ts'
import {environmentError} from '../../errors.ts'
import {withLock} from './install-lock.ts'
import {onWasm} from './on-wasm.ts'
import {bindingWithin, enginesFolder, installationFolder} from './installation.ts'
import {tensorflowVersion} from './releases.ts'
import type {Flavour} from './releases.ts'

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
 * @throws E_ENGINE_PLATFORM, E_ENGINE_PIP, E_ENGINE_COMPILER, E_ENGINE_CACHE, E_ENGINE_DOWNLOAD, E_ENGINE_COMPILE, E_ENGINE_LOAD,
 * E_DISK_FULL, all with exit code 4; the wasm engine needs none of this.
 */
export async function installTensorFlow({
  flavour,
  force = false,
  ...context
}: InstallOptions): Promise<Installed> {
  const folder = installationFolder(flavour)
  const result = {flavour, version: tensorflowVersion, folder}
  const isThere = () => !force && existsSync(bindingWithin(folder))
  if (isThere()) return {...result, fresh: false}

  // Loaded only where there is work to do: the answer above is asked for by every demo and test run.
  const {requireTools} = await import('./install-tools.ts')
  const {buildEngine} = await import('./build-engine.ts')
  const tools = await requireTools(flavour)
  await makeEnginesFolder()
  const fresh = await withLock(join(enginesFolder(), 'install.lock'), context, async () => {
    if (isThere()) return false
    await removeDrafts()
    const draft = await mkdtemp(join(enginesFolder(), draftPrefix))
    try {
      await replace(folder, await buildEngine(draft, tools, context), join(draft, 'replaced'))
    } finally {
      await rm(draft, {recursive: true, force: true})
    }
    return true
  })
  return {...result, fresh}
}

async function replace(folder: string, by: string, old: string): Promise<void> {
  if (existsSync(folder)) await rename(folder, old)
  await rename(by, folder)
}

async function makeEnginesFolder(): Promise<void> {
  try {
    await mkdir(enginesFolder(), {recursive: true})
  } catch (cause) {
    throw environmentError({
      code: 'E_ENGINE_CACHE',
      message: `The cache folder cannot be made: ${(cause as Error).message}`,
      hints: ['Put the cache elsewhere with ABD_CACHE_DIR.', onWasm],
      cause,
    })
  }
}

const draftPrefix = 'draft-'

/** Of installations that were killed. */
async function removeDrafts(): Promise<void> {
  const drafts = (await readdir(enginesFolder())).filter((name) => name.startsWith(draftPrefix))
  await Promise.all(drafts.map((name) => rm(join(enginesFolder(), name), {recursive: true, force: true})))
}
