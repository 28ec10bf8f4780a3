import envPaths from 'env-paths'
import {existsSync, readdirSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join, resolve} from 'node:path'
import {flavours, installationRevision, tensorflowVersion} from './releases.ts'
import type {Flavour} from './releases.ts'

/** A native binding that is on this machine. */
export interface Installation {
  readonly flavour: Flavour
  /** The `.node` file. */
  readonly binding: string
  /** `abd engine install` made it, or it came with npm's own package. */
  readonly origin: 'abd' | 'npm'
}

/** `ABD_CACHE_DIR`, else the user's own cache folder. */
export const cacheFolder = (): string =>
  resolve(process.env['ABD_CACHE_DIR'] || envPaths('abd', {suffix: ''}).cache)

/** Holds one folder for each installation, and the drafts of those under way. */
export const enginesFolder = (): string => join(cacheFolder(), 'engines')

/** Where `abd engine install` puts an engine; there only once whole. */
export const installationFolder = (flavour: Flavour): string =>
  join(
    enginesFolder(),
    `tensorflow-${tensorflowVersion}-${flavour}-${process.platform}-${process.arch}-r${installationRevision}`,
  )

/** Beside libtensorflow, whose own search paths are relative to it. */
export const bindingWithin = (folder: string): string => join(folder, 'tensorflow', 'tfjs_binding.node')

/** Beside our own bindings: what holds standard error back while libtensorflow is loaded. */
export const standardErrorBeside = (binding: string): string => join(dirname(binding), 'standard_error.node')

/** A driver, not yet a GPU: TensorFlow finds that out. */
export const hasNvidiaDriver = (): boolean =>
  ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path))

/** The bindings on this machine, the one to use first: CUDA before CPU where there is a driver, ours before npm's. */
export function findInstallations(): readonly Installation[] {
  const ordered = hasNvidiaDriver() ? flavours.toReversed() : flavours
  const ours = ordered
    .map((flavour): Installation => ({
      flavour,
      binding: bindingWithin(installationFolder(flavour)),
      origin: 'abd',
    }))
    .filter(({binding}) => existsSync(binding))
  return [...ours, ...ordered.flatMap(officialBindings)]
}

/** npm's @tensorflow/tfjs-node(-gpu), where its install script has run. */
function officialBindings(flavour: Flavour): readonly Installation[] {
  const name = flavour === 'cuda' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node'
  try {
    const require = createRequire(import.meta.url)
    const manifest = require.resolve(`${name}/package.json`, {paths: [process.cwd(), import.meta.dirname]})
    const library = join(dirname(manifest), 'lib')
    return readdirSync(library)
      .filter((folder) => folder.startsWith('napi-v'))
      .map((folder): Installation => ({
        flavour,
        binding: join(library, folder, 'tfjs_binding.node'),
        origin: 'npm',
      }))
      .filter(({binding}) => existsSync(binding))
  } catch {
    return []
  }
}
