import {execa} from 'execa'
import {mkdir, readdir, rm, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Context} from '../../context.ts'
import {environmentError} from '../../errors.ts'
import {onWasm} from './on-wasm.ts'
import type {Release} from './releases.ts'
import {neutral, runTool} from './run-tool.ts'

/** The first Python on the PATH that has pip, or undefined. */
export async function findPip(): Promise<string | undefined> {
  for (const python of ['python3', 'python']) {
    const {failed} = await execa(python, ['-m', 'pip', '--version'], {reject: false, cwd: neutral})
    if (!failed) return python
  }
  return undefined
}

/**
 * Fetches the wheels of a release into `folder` with pip, and so by the user's own index, proxy and certificates.
 * Their hashes are pinned. Resolves to their paths; throws E_ENGINE_DOWNLOAD or E_DISK_FULL.
 */
export async function downloadWheels(
  release: Release,
  {python, folder, progress, signal}: {python: string; folder: string} & Pick<Context, 'progress' | 'signal'>,
): Promise<readonly string[]> {
  const requirements = join(folder, 'requirements.txt')
  const temporary = join(folder, 'pip')
  const wheels = join(folder, 'wheels')
  await Promise.all([mkdir(temporary), mkdir(wheels)])
  await writeFile(
    requirements,
    release.wheels
      .map(({project, version, sha256}) => `${project}==${version} --hash=sha256:${sha256}\n`)
      .join(''),
  )
  const {project, version} = release.wheels[0]
  const task = progress.start(`Downloading TensorFlow ${version}`, release.download)
  let seen = 0
  const look = async () => {
    const bytes = (await sizeOf(temporary)) + (await sizeOf(wheels))
    task.advance(Math.max(0, bytes - seen))
    seen = Math.max(seen, bytes)
  }
  const watch = setInterval(() => void look(), 500)
  try {
    const {failed, stderr} = await runTool(
      python,
      [
        ...[
          '-m',
          'pip',
          'download',
          '--quiet',
          '--no-input',
          '--disable-pip-version-check',
          '--require-hashes',
        ],
        ...['--no-deps', '--only-binary=:all:', '--implementation=cp', `--python-version=${release.python}`],
        ...release.platforms.map((platform) => `--platform=${platform}`),
        ...['--dest', wheels, '--requirement', requirements],
      ],
      {signal, env: {TMPDIR: temporary}},
    )
    if (failed) throw downloadError(`${project} ${version}`, stderr)
  } finally {
    clearInterval(watch)
    task.end()
  }
  await rm(temporary, {recursive: true})
  return (await readdir(wheels)).map((name) => join(wheels, name))
}

function downloadError(what: string, stderr: string) {
  if (/No space left on device|Disk quota exceeded/.test(stderr))
    return environmentError({
      code: 'E_DISK_FULL',
      message: `The disk is full: pip could not store ${what}.`,
      hints: ['Free some space, or put the cache on another disk with ABD_CACHE_DIR.'],
    })
  const said = stderr.split('\n').filter((line) => line.startsWith('ERROR:'))
  return environmentError({
    code: 'E_ENGINE_DOWNLOAD',
    message: `pip could not fetch ${what}. ${said[0] ?? stderr.trim().split('\n').at(-1) ?? ''}`.trim(),
    hints: [
      "Check the network and pip's own configuration (index-url, proxy, cert): python3 -m pip config list",
      onWasm,
    ],
  })
}

/** Bytes of all files below a folder, some of which may vanish meanwhile. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, {withFileTypes: true, recursive: true}).catch(() => [])
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({size}) => size,
          () => 0,
        ),
      ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
