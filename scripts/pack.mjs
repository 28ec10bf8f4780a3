// Makes the one tarball that is published: the host with its workspaces bundled inside. What users install runs no script,
// needs no .npmrc and brings no Node of its own (docs/decisions/0003-no-install-scripts.md). Needs a build: npm run pack.
import {Plugin} from '@oclif/core/config'
import {copyFile, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {packageFolders} from './setup/build.mjs'
import {npm} from './setup/npm.mjs'
import {SetupError} from './setup/run.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What each package publishes, as npm sees it: the list of files by folder. */
async function publishedFiles(folders) {
  const args = [
    'pack',
    '--dry-run',
    '--json',
    '--ignore-scripts',
    '--loglevel=error',
    ...folders.map((folder) => `./${folder}`),
  ]
  const {code, stdout, output} = await npm(args, {cwd: root})
  if (code !== 0) throw new SetupError(`npm pack failed.\n${output.trim()}`, [])
  return Object.values(JSON.parse(stdout)).map(({files}) => files.map(({path}) => path))
}

/** Copies a package's files; source maps are left out, for the sources are not there either. */
async function copyFiles(source, target, paths) {
  for (const path of paths.filter((path) => !path.endsWith('.map'))) {
    await mkdir(dirname(join(target, path)), {recursive: true})
    await copyFile(join(source, path), join(target, path))
  }
}

/** Without a manifest oclif reads every command's file at every start. */
async function writeCommandManifest(folder, target) {
  const {oclif} = await readJson(join(root, folder, 'package.json'))
  if (!oclif) return
  const plugin = new Plugin({
    root: join(root, folder),
    type: 'core',
    isRoot: true,
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  await writeJson(join(target, 'oclif.manifest.json'), plugin.manifest)
}

const readJson = async (path) => JSON.parse(await readFile(path, 'utf8'))
const writeJson = (path, value) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`)

/** What is left of a package.json for users: nothing that only a checkout has. */
function published({
  devDependencies: _dev,
  optionalDependencies: _optional,
  scripts: _scripts,
  workspaces: _workspaces,
  ...manifest
}) {
  return JSON.parse(JSON.stringify(manifest, (key, value) => (key === '@abd/source' ? undefined : value)))
}

async function pack(out) {
  const stage = await mkdtemp(join(tmpdir(), 'abd-pack-'))
  try {
    const dependencies = {}
    const bundled = []
    const folders = packageFolders(root)
    const files = await publishedFiles(folders)
    for (const [i, folder] of folders.entries()) {
      const manifest = published(await readJson(join(root, folder, 'package.json')))
      const target = folder === '.' ? stage : join(stage, 'node_modules', manifest.name)
      await copyFiles(join(root, folder), target, files[i])
      await writeCommandManifest(folder, target)
      Object.assign(dependencies, manifest.dependencies)
      if (folder !== '.') {
        bundled.push(manifest.name)
        await writeJson(join(target, 'package.json'), manifest)
      }
    }
    // What the bundled packages need is asked for by the host, so that npm installs it where they all find it.
    await writeJson(join(stage, 'package.json'), {
      ...published(await readJson(join(root, 'package.json'))),
      dependencies: Object.fromEntries(Object.entries(dependencies).sort()),
      bundleDependencies: bundled.sort(),
    })
    await mkdir(out, {recursive: true})
    const {code, stdout, output} = await npm(
      ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${out}`],
      {cwd: stage},
    )
    if (code !== 0) throw new SetupError(`npm pack failed.\n${output.trim()}`, [])
    const [{filename, size, entryCount}] = Object.values(JSON.parse(stdout))
    return {path: join(out, filename), size, entryCount}
  } finally {
    await rm(stage, {recursive: true, force: true})
  }
}

const {values} = parseArgs({options: {out: {type: 'string', default: '.'}}})
const {path, size, entryCount} = await pack(resolve(values.out))
console.log(`${path} (${(size / 1e6).toFixed(1)} MB, ${entryCount} files)`)
